//! The words of our own mails in each language. They are part of templates: `{{ app_name }}` and the like are filled in later.

use crate::service::locales::Language;

/// The words of one language.
pub(super) struct Words {
    pub(super) invite: Mail,
    pub(super) sign_in: Mail,
    /// In front of what the inviter wrote.
    pub(super) message: &'static str,
    /// In front of the link in full.
    pub(super) link: &'static str,
    /// What else can be done with a link into a party.
    pub(super) redeem: &'static str,
    /// Who sent the mail, and for whom.
    pub(super) sent: &'static str,
    /// The link that stops these mails.
    pub(super) unsubscribe: &'static str,
}

/// The words of one mail.
pub(super) struct Mail {
    pub(super) subject: &'static str,
    /// What it is about, if it is known who asks for it.
    pub(super) by: &'static str,
    /// What it is about, if that is not known.
    pub(super) lead: &'static str,
    /// Whom it is for.
    pub(super) address: &'static str,
    pub(super) button: &'static str,
    pub(super) until: &'static str,
    pub(super) ignore: &'static str,
}

/// The words of a language.
pub(super) const fn of(language: Language) -> &'static Words {
    match language {
        Language::En => &EN,
        Language::De => &DE,
        Language::Fr => &FR,
        Language::Es => &ES,
        Language::Pt => &PT,
        Language::It => &IT,
        Language::Nl => &NL,
        Language::Pl => &PL,
        Language::Ja => &JA,
        Language::ZhHans => &ZH_HANS,
    }
}

const EN: Words = Words {
    invite: Mail {
        subject: "Your invitation to {{ app_name }}",
        by: "{{ inviter }} invites you to {{ app_name }}.",
        lead: "You are invited to {{ app_name }}.",
        address: "The invitation is for {{ email }}.",
        button: "Open the invitation",
        until: "It is good until {{ expires_at }}.",
        ignore: "If you did not expect this, you can ignore this mail. Nothing happens unless you accept.",
    },
    sign_in: Mail {
        subject: "Sign in to {{ app_name }}",
        by: "{{ inviter }} wants to sign in to {{ app_name }}.",
        lead: "Somebody, most likely you, wants to sign in to {{ app_name }}.",
        address: "The address is {{ email }}.",
        button: "Sign in",
        until: "The link is good until {{ expires_at }}.",
        ignore: "If that was not you, ignore this mail. Nobody gets in without it, so do not pass it on.",
    },
    message: "{{ inviter_name | default('Somebody') }} writes:",
    link: "If the button does nothing, copy this link into your browser:",
    redeem: "Or open Partyline, choose “Join with a code”, and paste the link there.",
    sent: "Sent by {{ service }} for {{ app_name }}.",
    unsubscribe: "No more invitations from {{ app_name }} to this address",
};

const DE: Words = Words {
    invite: Mail {
        subject: "Deine Einladung zu {{ app_name }}",
        by: "{{ inviter }} lädt dich zu {{ app_name }} ein.",
        lead: "Du bist zu {{ app_name }} eingeladen.",
        address: "Die Einladung gilt für {{ email }}.",
        button: "Einladung öffnen",
        until: "Sie gilt bis {{ expires_at }}.",
        ignore: "Wenn du das nicht erwartet hast, brauchst du nichts zu tun. Es geschieht nichts, solange du nicht zusagst.",
    },
    sign_in: Mail {
        subject: "Anmelden bei {{ app_name }}",
        by: "{{ inviter }} möchte sich bei {{ app_name }} anmelden.",
        lead: "Jemand, wahrscheinlich du, möchte sich bei {{ app_name }} anmelden.",
        address: "Die Adresse ist {{ email }}.",
        button: "Anmelden",
        until: "Der Link gilt bis {{ expires_at }}.",
        ignore: "Wenn du das nicht warst, brauchst du nichts zu tun. Ohne diese Mail kommt niemand hinein; gib sie also nicht weiter.",
    },
    message: "{{ inviter_name | default('Jemand') }} schreibt:",
    link: "Wenn der Knopf nichts tut, kopiere diesen Link in deinen Browser:",
    redeem: "Oder öffne Partyline, wähle „Join with a code“ und füge den Link dort ein.",
    sent: "Gesendet von {{ service }} für {{ app_name }}.",
    unsubscribe: "Keine Einladungen von {{ app_name }} mehr an diese Adresse",
};

const FR: Words = Words {
    invite: Mail {
        subject: "Votre invitation à rejoindre {{ app_name }}",
        by: "{{ inviter }} vous invite à rejoindre {{ app_name }}.",
        lead: "Vous êtes invité(e) à rejoindre {{ app_name }}.",
        address: "L’invitation est destinée à {{ email }}.",
        button: "Ouvrir l’invitation",
        until: "Elle est valable jusqu’au {{ expires_at }}.",
        ignore: "Si vous ne vous attendiez pas à ce message, vous pouvez l’ignorer. Rien ne se passe tant que vous n’acceptez pas.",
    },
    sign_in: Mail {
        subject: "Connexion à {{ app_name }}",
        by: "{{ inviter }} souhaite se connecter à {{ app_name }}.",
        lead: "Quelqu’un, sans doute vous, souhaite se connecter à {{ app_name }}.",
        address: "L’adresse est {{ email }}.",
        button: "Se connecter",
        until: "Le lien est valable jusqu’au {{ expires_at }}.",
        ignore: "Si ce n’était pas vous, ignorez ce message. Personne ne peut se connecter sans lui : ne le transmettez pas.",
    },
    message: "{{ inviter_name | default('On') }} vous écrit :",
    link: "Si le bouton ne fonctionne pas, copiez ce lien dans votre navigateur :",
    redeem: "Ou bien ouvrez Partyline, choisissez « Join with a code » et collez-y le lien.",
    sent: "Envoyé par {{ service }} pour {{ app_name }}.",
    unsubscribe: "Ne plus recevoir d’invitations de {{ app_name }} à cette adresse",
};

const ES: Words = Words {
    invite: Mail {
        subject: "Tu invitación a {{ app_name }}",
        by: "{{ inviter }} te invita a {{ app_name }}.",
        lead: "Tienes una invitación a {{ app_name }}.",
        address: "La invitación es para {{ email }}.",
        button: "Abrir la invitación",
        until: "Es válida hasta el {{ expires_at }}.",
        ignore: "Si no esperabas este correo, puedes ignorarlo. No ocurre nada mientras no aceptes.",
    },
    sign_in: Mail {
        subject: "Iniciar sesión en {{ app_name }}",
        by: "{{ inviter }} quiere iniciar sesión en {{ app_name }}.",
        lead: "Alguien, seguramente tú, quiere iniciar sesión en {{ app_name }}.",
        address: "La dirección es {{ email }}.",
        button: "Iniciar sesión",
        until: "El enlace es válido hasta el {{ expires_at }}.",
        ignore: "Si no has sido tú, ignora este correo. Nadie puede entrar sin él, así que no lo reenvíes.",
    },
    message: "{{ inviter_name | default('Alguien') }} te escribe:",
    link: "Si el botón no funciona, copia este enlace en tu navegador:",
    redeem: "O abre Partyline, elige «Join with a code» y pega allí el enlace.",
    sent: "Enviado por {{ service }} para {{ app_name }}.",
    unsubscribe: "No recibir más invitaciones de {{ app_name }} en esta dirección",
};

const PT: Words = Words {
    invite: Mail {
        subject: "O seu convite para {{ app_name }}",
        by: "{{ inviter }} convida você para {{ app_name }}.",
        lead: "Você recebeu um convite para {{ app_name }}.",
        address: "O convite é para {{ email }}.",
        button: "Abrir o convite",
        until: "Ele é válido até {{ expires_at }}.",
        ignore: "Se não esperava esta mensagem, pode ignorá-la. Nada acontece enquanto você não aceitar.",
    },
    sign_in: Mail {
        subject: "Entrar em {{ app_name }}",
        by: "{{ inviter }} quer entrar em {{ app_name }}.",
        lead: "Alguém, provavelmente você, quer entrar em {{ app_name }}.",
        address: "O endereço é {{ email }}.",
        button: "Entrar",
        until: "O link é válido até {{ expires_at }}.",
        ignore: "Se não foi você, ignore esta mensagem. Ninguém consegue entrar sem ela, por isso não a encaminhe.",
    },
    message: "{{ inviter_name | default('Alguém') }} escreve:",
    link: "Se o botão não funcionar, copie este link para o seu navegador:",
    redeem: "Ou abra o Partyline, escolha “Join with a code” e cole o link lá.",
    sent: "Enviado por {{ service }} para {{ app_name }}.",
    unsubscribe: "Não receber mais convites de {{ app_name }} neste endereço",
};

const IT: Words = Words {
    invite: Mail {
        subject: "Il tuo invito a {{ app_name }}",
        by: "{{ inviter }} ti invita a {{ app_name }}.",
        lead: "Hai ricevuto un invito a {{ app_name }}.",
        address: "L’invito è per {{ email }}.",
        button: "Apri l’invito",
        until: "È valido fino al {{ expires_at }}.",
        ignore: "Se non ti aspettavi questo messaggio, puoi ignorarlo. Non succede nulla finché non accetti.",
    },
    sign_in: Mail {
        subject: "Accedi a {{ app_name }}",
        by: "{{ inviter }} vuole accedere a {{ app_name }}.",
        lead: "Qualcuno, probabilmente tu, vuole accedere a {{ app_name }}.",
        address: "L’indirizzo è {{ email }}.",
        button: "Accedi",
        until: "Il link è valido fino al {{ expires_at }}.",
        ignore: "Se non sei stato tu, ignora questo messaggio. Senza di esso nessuno può entrare: non inoltrarlo.",
    },
    message: "{{ inviter_name | default('Qualcuno') }} scrive:",
    link: "Se il pulsante non funziona, copia questo link nel browser:",
    redeem: "Oppure apri Partyline, scegli “Join with a code” e incolla lì il link.",
    sent: "Inviato da {{ service }} per {{ app_name }}.",
    unsubscribe: "Non ricevere più inviti da {{ app_name }} a questo indirizzo",
};

const NL: Words = Words {
    invite: Mail {
        subject: "Je uitnodiging voor {{ app_name }}",
        by: "{{ inviter }} nodigt je uit voor {{ app_name }}.",
        lead: "Je bent uitgenodigd voor {{ app_name }}.",
        address: "De uitnodiging is voor {{ email }}.",
        button: "Uitnodiging openen",
        until: "Ze is geldig tot {{ expires_at }}.",
        ignore: "Verwachtte je dit niet, dan kun je deze mail negeren. Er gebeurt niets zolang je de uitnodiging niet aanneemt.",
    },
    sign_in: Mail {
        subject: "Inloggen bij {{ app_name }}",
        by: "{{ inviter }} wil inloggen bij {{ app_name }}.",
        lead: "Iemand, waarschijnlijk jij, wil inloggen bij {{ app_name }}.",
        address: "Het adres is {{ email }}.",
        button: "Inloggen",
        until: "De link is geldig tot {{ expires_at }}.",
        ignore: "Was jij dit niet, negeer deze mail dan. Zonder deze mail komt niemand binnen, dus stuur hem niet door.",
    },
    message: "{{ inviter_name | default('Iemand') }} schrijft:",
    link: "Doet de knop niets, kopieer dan deze link naar je browser:",
    redeem: "Of open Partyline, kies ‘Join with a code’ en plak de link daar.",
    sent: "Verzonden door {{ service }} namens {{ app_name }}.",
    unsubscribe: "Geen uitnodigingen van {{ app_name }} meer op dit adres",
};

const PL: Words = Words {
    invite: Mail {
        subject: "Zaproszenie do {{ app_name }}",
        by: "Zaproszenie do {{ app_name }} wysyła {{ inviter }}.",
        lead: "Masz zaproszenie do {{ app_name }}.",
        address: "Zaproszenie jest przeznaczone dla {{ email }}.",
        button: "Otwórz zaproszenie",
        until: "Jest ważne do {{ expires_at }}.",
        ignore: "Jeśli nie spodziewasz się tej wiadomości, możesz ją zignorować. Nic się nie stanie, dopóki nie przyjmiesz zaproszenia.",
    },
    sign_in: Mail {
        subject: "Logowanie do {{ app_name }}",
        by: "{{ inviter }} chce zalogować się do {{ app_name }}.",
        lead: "Ktoś, prawdopodobnie Ty, chce zalogować się do {{ app_name }}.",
        address: "Adres: {{ email }}.",
        button: "Zaloguj się",
        until: "Link jest ważny do {{ expires_at }}.",
        ignore: "Jeśli to nie Ty, zignoruj tę wiadomość. Bez niej nikt się nie zaloguje, więc nie przekazuj jej dalej.",
    },
    message: "{{ inviter_name | default('Nadawca') }} pisze:",
    link: "Jeśli przycisk nie działa, skopiuj ten link do przeglądarki:",
    redeem: "Możesz też otworzyć Partyline, wybrać „Join with a code” i wkleić tam link.",
    sent: "Wysłano przez {{ service }} w imieniu {{ app_name }}.",
    unsubscribe: "Nie chcę więcej zaproszeń od {{ app_name }} na ten adres",
};

const JA: Words = Words {
    invite: Mail {
        subject: "{{ app_name }} への招待",
        by: "{{ inviter }} さんから {{ app_name }} に招待されました。",
        lead: "{{ app_name }} に招待されました。",
        address: "この招待は {{ email }} 宛てです。",
        button: "招待を開く",
        until: "有効期限：{{ expires_at }}",
        ignore: "お心当たりがない場合は、このメールを無視してください。承諾しないかぎり、何も起こりません。",
    },
    sign_in: Mail {
        subject: "{{ app_name }} へのログイン",
        by: "{{ inviter }} さんが {{ app_name }} にログインしようとしています。",
        lead: "どなたか（おそらくご本人）が {{ app_name }} にログインしようとしています。",
        address: "メールアドレス：{{ email }}",
        button: "ログインする",
        until: "リンクの有効期限：{{ expires_at }}",
        ignore: "お心当たりがない場合は、このメールを無視してください。このメールがなければ誰もログインできません。転送しないでください。",
    },
    message: "{{ inviter_name | default('招待した方') }} さんからのメッセージ：",
    link: "ボタンが動作しない場合は、次のリンクをブラウザーに貼り付けてください：",
    redeem: "または Partyline を開き、「Join with a code」を選んでリンクを貼り付けてください。",
    sent: "このメールは {{ app_name }} に代わって {{ service }} が送信しました。",
    unsubscribe: "このアドレスへの {{ app_name }} からの招待を停止する",
};

const ZH_HANS: Words = Words {
    invite: Mail {
        subject: "{{ app_name }} 的邀请",
        by: "{{ inviter }} 邀请您加入 {{ app_name }}。",
        lead: "您收到了加入 {{ app_name }} 的邀请。",
        address: "此邀请发送给 {{ email }}。",
        button: "打开邀请",
        until: "有效期至 {{ expires_at }}。",
        ignore: "如果您没有预料到这封邮件，可以忽略它。在您接受之前，什么都不会发生。",
    },
    sign_in: Mail {
        subject: "登录 {{ app_name }}",
        by: "{{ inviter }} 想要登录 {{ app_name }}。",
        lead: "有人（很可能是您本人）想要登录 {{ app_name }}。",
        address: "邮箱地址：{{ email }}。",
        button: "登录",
        until: "链接有效期至 {{ expires_at }}。",
        ignore: "如果不是您本人操作，请忽略这封邮件。没有它谁也无法登录，请不要转发。",
    },
    message: "{{ inviter_name | default('邀请人') }} 写道：",
    link: "如果按钮没有反应，请将此链接复制到浏览器中打开：",
    redeem: "也可以打开 Partyline，选择“Join with a code”，然后粘贴此链接。",
    sent: "由 {{ service }} 代表 {{ app_name }} 发送。",
    unsubscribe: "不再向此地址发送 {{ app_name }} 的邀请",
};
