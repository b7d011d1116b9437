//! What `partyline help json` says of `serve` and its commands. No IO.

/// The schema of their lines. A test compares it with what is written.
pub(in crate::cli) const JSON: &str = "\
serve
serving                    issuer listen metrics? folder mail (folder, smtp): it answers from now on
dev_client                 client secret? secret_file try: with --dev; the secret only when it was made
mail                       to subject text: with --dev, each mail that has left; its link is a secret
served                     it has ended

serve check
checked                    what verdict (fine, doubtful, wrong) text

serve client, redirect
client                     client name kind initiate_login_uri? dead_link locale algorithm subject_type trusted sign_up
                           invites_per_minute invites_per_day webhook_url? disabled redirect_uris: the last not in a list
client_created             the same, and secret?: it is not shown again
client_changed             as client
client_secret_rotated      client secret?
client_disabled, client_enabled           client
redirect, redirect_added, redirect_removed               client uri

serve template
template                   client alias locale version subject text html?
template_put               the same, and warnings
template_preview           client alias locale subject text html?
template_removed           client alias locale?

serve invite
invitation                 invitation client address? status template locale created_ms expires_ms sent_ms? opened_ms? accepted_ms?
                           ended_ms? last_smtp?: here the one of the service
invited, resent            the same, and with --no-mail link: a secret
revoked                    the same
invitation_event           invitation at_ms kind actor data
imported                   line address result (invited, known, refused) about
import_done                invited known refused
forgotten                  invitations rows

serve suppress
suppressed                 address from reason since_ms
suppress_added             address new
suppress_removed           address

serve audit
audit_event                seq id at_ms client invitation? kind actor data chain
audit_verified             events seq chain

serve keys
keys                       folder jwks
keys_rotated               folder
dkim_key                   file name record zone_line

serve mail
waiting                    id kind reference attempts since_ms next_ms last_error?
queue                      rows oldest_ms?
retried                    rows
report                     from result

serve db
migrated                   tables
table_copied               table rows checksum
copied                     tables rows";
