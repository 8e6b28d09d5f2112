# Where edits stand, and why something was not done. Shared by the browser client and the command line.

sync-closed = No venture open
sync-saving = Saving on this device…
sync-all-acknowledged = All edits acknowledged
sync-waiting = Saved here, { $count } waiting
sync-offline = Offline. Work goes on.
sync-connecting = Connecting…
sync-catching-up = Reading { $done } of { $total }
sync-live = Connected
sync-sending = Sending…
sync-removed = You were removed
sync-stopped = Sync has stopped
sync-retry = Click to try the connection now
digest-merged =
    { $merged ->
        [one] { $merged } change merged.
       *[other] { $merged } changes merged.
    }
digest-met = { $met } of your changes met others’.
digest-review = Review
quarantined =
    { $count ->
        [one] { $count } envelope is not valid and was set aside. Everybody’s replica sets it aside alike.
       *[other] { $count } envelopes are not valid and were set aside. Everybody’s replica sets them aside alike.
    }
relay-restored = The relay was restored from a backup ({ $time }). Replicas have given back what it had lost.
stage-reading = Reading the file…
stage-applying = Merging it into the plan…
stage-saving = Saving on this device…

relay-unknown-key = The relay shows a key that the venture’s charter does not name. Nothing is sent to it. Ask the venture’s managers whether the relay moved.
relay-forked = The relay contradicts what it had acknowledged, so sync stops. Tell the venture’s managers, who can move the relay. Proof: { $detail }
relay-not-admitted = The relay does not know this venture or this device.
relay-removed = This device was removed from the venture. Your unsent edits stay here and can be exported.
relay-unadmitted = The relay was restored, and it has lost the entry that admitted this device. Ask who invited you for a new invite. What you wrote stays on this device.
relay-brought = The relay does not take the edits of a removed member that you took in. Take them in again from the file, or leave them.
relay-withheld = The relay names edits of others that it does not give, though it was asked again. If this stays, compare with a partner; a manager can move the relay.
relay-older-keys = Somebody gave new keys that do not open what was written before. Any device that can read it gives the older keys again when it connects: ask a partner to open Heqi.
relay-charter-behind = The relay’s log names an entry of the charter that the relay has not shown. What comes after it waits. If this stays, compare with a partner: a manager can give new keys, or move the relay.
relay-version = The relay speaks another protocol version. Reload the page, or ask its host to update it.
relay-limit = A limit of the relay is reached: { $detail }
relay-misbehaved = The relay broke the protocol, and the connection was closed: { $detail }

failure-offline = This needs the relay, and it cannot be reached. Check the address and the connection, then try again.
failure-relay-url = This is no address of a relay. It reads like https://relay.example or http://localhost:8787.
failure-forbidden = Your role does not allow this.
failure-no-venture = There is no such venture on this device.
failure-nothing-to-undo = There is nothing to take back.
failure-store = The store of this device failed, and nothing was changed: { $detail }
failure-defect = Something broke. For a report: { $detail }

invite-malformed = This is no invite link. Copy the whole link, from https:// to its last letter.
invite-newer = The invite was made by a newer version. Reload to update, then open it again.
invite-used = Somebody has used this invite already. Ask for a new one.
invite-expired = The invite has expired. Ask for a new one.
invite-revoked = The invite was taken back. Ask for a new one.
invite-known = This venture is on this device already.
recovery-malformed = This is no recovery kit, or it is damaged. Use another copy of it, or its words.
recovery-newer = The recovery kit was made by a newer version. Reload to update, then try again.
recovery-passphrase-needed = The file is sealed. Type its passphrase.
recovery-passphrase-wrong = The passphrase does not open the file.
recovery-known = This venture is on this device already.
