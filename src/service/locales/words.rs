//! What the pages say. A language that misses a sentence does not build; a test compares the blanks `{…}` of each with the English ones.

/// Defines the words and lists them by name, for the tests that go through all.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Everything that the pages say in one language. In blanks: `{app}` an application's name, `{inviter}` a person's, `{address}` an
        /// e-mail address, `{host}` where this service is, `{when}` a moment.
        pub(in crate::service) struct Words {
            $($(#[$doc])* pub(in crate::service) $name: &'static str,)*
        }

        #[cfg(test)]
        impl Words {
            /// All of it, by name.
            pub(in crate::service) fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

words! {
    // The invitation.
    invited_by,
    invited,
    label_for,
    label_leads_to,
    label_until,
    the_app,
    accept,
    no_thanks,
    no_is_final,
    unexpected,

    // After the button, for who goes on in the app.
    open_title,
    open_sentence,
    open_button,
    other_device,
    code_label,
    service_label,
    code_life,

    // Links that lead nowhere any more.
    expired_title,
    expired_sentence,
    renew_offer,
    renew_button,
    renewed_sentence,
    used_title,
    used_sentence,
    not_in_offer,
    revoked_title,
    revoked_sentence,
    declined_title,
    declined_sentence,
    replaced_title,
    replaced_sentence,
    closed_title,
    closed_sentence,
    not_found_title,
    not_found_sentence,

    // Saying no.
    declining_title,
    declining_sentence,
    unsubscribe_title,
    unsubscribe_sentence,
    unsubscribe_button,
    unsubscribed_title,
    unsubscribed_sentence,

    // On the way to the application.
    go_on_title,
    go_on_sentence,
    go_on,
    cancel,
    confirm_title,
    confirm_sentence,

    // Signing in and out.
    sign_in_title,
    sign_up_title,
    sign_in_sentence,
    address_label,
    send_link,
    no_address,
    mail_too_often,
    check_mail_title,
    check_mail_sentence,
    check_spam,
    sign_out_title,
    sign_out_sentence,
    sign_out,
    signed_out_title,
    signed_out_sentence,
    back,

    // What went wrong.
    too_many_title,
    too_many_sentence,
    elsewhere_title,
    elsewhere_sentence,
    unavailable_title,
    unavailable_sentence,
    refused_title,
    refused_sentence,
}
