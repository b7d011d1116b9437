//! Sentences about a person's devices and their recovery phrase.

pub(crate) const YOUR_DEVICES: &str = "Your devices";
pub(crate) const YOUR_DEVICES_MEANS: &str = "Each has your name and all your parties. Only you see this list.";
pub(crate) const SHOW_DEVICES: &str = "Devices and recovery";
pub(crate) const DEVICES_IN_SETTINGS: &str = "Use Partyline on further devices, and come back if you lose them all.";
pub(crate) const ADD_DEVICE: &str = "Add a device";
pub(crate) const THIS_DEVICE: &str = "This device";
pub(crate) const NAMELESS_DEVICE: &str = "No name yet";
pub(crate) const DEVICE_ONLINE: &str = "Connected";
pub(crate) const DEVICE_AWAY: &str = "Not connected";
pub(crate) const REMOVE_DEVICE_MEANS: &str =
    "It is out of all your parties at once and does not come back. What it has already received stays on it.";
pub(crate) const KEY_ELSEWHERE: &str =
    "Devices are added on the one where you began. To add them here as well, enter your recovery phrase.";
pub(crate) const ENTER_PHRASE: &str = "Enter my phrase";
pub(crate) const HOLD_PHRASE: &str = "Add devices from here";
pub(crate) const HOLD_PHRASE_MEANS: &str =
    "Your recovery phrase brings the key of your identity to this device. It stays here.";
pub(crate) const HOLD_PHRASE_HERE: &str = "Keep the key here";

pub(crate) const RECOVERY_PHRASE: &str = "Recovery phrase";
pub(crate) const PHRASE_MEANS: &str = "24 words on paper that bring you back if you lose all your devices.";
pub(crate) const PHRASE_WRITTEN: &str = "You have written it down. It is not shown again.";
pub(crate) const WRITE_PHRASE: &str = "Write it down";
pub(crate) const PHRASE_TITLE: &str = "Your recovery phrase";
pub(crate) const PHRASE_SUBTITLE: &str = "Write these 24 words on paper, in this order. They are not shown again.";
pub(crate) const PHRASE_WARNING: &str =
    "Whoever has these words is you. Never type them into a chat, a photo or a website.";
pub(crate) const PHRASE_DONE: &str = "I have written them down";
pub(crate) const ASK_BACK_TITLE: &str = "Look at your paper";
pub(crate) const ASK_BACK_SUBTITLE: &str = "Type three of the words, so that you can rely on what you wrote.";
pub(crate) const WRONG_WORD: &str = "That is not the word. Compare with your paper, or look at the words again.";
pub(crate) const BACK_TO_WORDS: &str = "Show the words";
pub(crate) const CHECK_WORDS: &str = "Check";

pub(crate) const DEVICE_CODE: &str = "Add your device";
pub(crate) const DEVICE_CODE_MEANS: &str = "On the new device: “I use Partyline already”. Give this code to nobody.";
pub(crate) const DEVICE_PIN: &str = "Your device is there";
pub(crate) const DEVICE_PIN_MEANS: &str = "If you are not holding it right now, it is somebody else with your code.";
pub(crate) const TYPE_THE_PIN: &str = "Type these six digits on your new device";
pub(crate) const TYPE_THE_PIN_MEANS: &str = "Tell them to nobody. Whoever types them becomes you, in all your parties.";
pub(crate) const DEVICE_ADDED_MEANS: &str = "It fetches your parties now. You find it in the list of your devices.";

pub(crate) const DEVICE_PIN_DUE: &str = "A PIN is due for your new device";
pub(crate) const DEVICE_PIN_NEEDED: &str = "A new PIN is needed for your new device";
pub(crate) const DEVICE_PIN_IS_DUE: &str =
    "Somebody uses the code for your new device. If it is you, open Partyline to see the PIN.";
pub(crate) const DEVICE_CODE_LOCKED: &str =
    "The code for your new device is locked: nine wrong PINs were entered. Add the device again with a new code.";

pub(crate) const HAVE_DEVICE: &str = "I use Partyline already";
pub(crate) const HAVE_PHRASE: &str = "Recover with my phrase";
pub(crate) const NEW_HERE: &str = "I am new here";
pub(crate) const NEW_DEVICE: &str = "Your new device";
pub(crate) const NEW_DEVICE_MEANS: &str =
    "On your other device open Settings, Devices and recovery, and add a device. Its code comes next.";
pub(crate) const NEW_DEVICE_NAME: &str = "New device";
pub(crate) const DEVICE_REDEEM: &str = "Join your other device";
pub(crate) const DEVICE_REDEEM_MEANS: &str = "Paste the code that your other device shows.";
pub(crate) const NO_PARTY_CODE: &str = "This is no code for a party";
pub(crate) const NO_PARTY_CODE_MEANS: &str =
    "This code makes this device one of somebody's devices. Your own identity here is forgotten.";
pub(crate) const BECOME_DEVICE: &str = "Become their device";
pub(crate) const COME_BACK: &str = "Come back";
pub(crate) const COME_BACK_MEANS: &str =
    "Your phrase brings back who you are. Your parties come when a member, or another device of yours, lets you in.";
pub(crate) const PHRASE_HINT: &str = "24 words, in their order";

pub(crate) fn remove_device(name: &str) -> String {
    format!("Remove {name}")
}

pub(crate) fn remove_device_question(name: &str) -> String {
    format!("Remove {name} from all your parties?")
}

pub(crate) fn device_added(name: &str) -> String {
    format!("{name} is your device now")
}

pub(crate) fn word_number(number: usize) -> String {
    format!("Word {number}")
}

pub(crate) fn device_since(when: &str, presence: &str) -> String {
    format!("{presence}, yours since {when}")
}
