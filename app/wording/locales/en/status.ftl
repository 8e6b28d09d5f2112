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
        [one] { $count } edit of somebody is not valid and was set aside. Security says more of it.
       *[other] { $count } edits of somebody are not valid and were set aside. Security says more of them.
    }
relay-restored = The relay was restored from a backup ({ $time }). Replicas have given back what it had lost.
stage-reading = Reading the file…
stage-applying = Merging it into the plan…
stage-saving = Saving on this device…

relay-unknown-key = The relay shows a key that the venture’s charter does not name. Nothing is sent to it. Ask the venture’s managers whether the relay moved.
relay-forked = The relay contradicts what it had acknowledged, so sync stops. What you wrote stays on this device. Tell the venture’s managers: they can move the venture to another relay, and nothing is lost. Proof: the relay { $detail }.
relay-not-admitted = The relay does not know this venture or this device.
relay-removed = This device was removed from the venture. Your unsent edits stay here and can be exported.
relay-unadmitted = The relay was restored, and it has lost the entry that admitted this device. Ask who invited you for a new invite. What you wrote stays on this device.
relay-brought = The relay does not take the edits of a removed member that you took in. Take them in again from the file, or leave them.
relay-undone = Something that this device had asked of the charter was not done: the relay was restored meanwhile, or the rules have come to forbid it. Look at the history of the venture, and ask again for what is missing.
relay-withheld = The relay names edits of others that it does not give, though it was asked again. If this stays, compare with a partner; a manager can move the relay.
relay-older-keys = Somebody gave new keys that do not open what was written before. Any device that can read it gives the older keys again when it connects: ask a partner to open Heqi.
relay-charter-behind = The relay names an entry of the charter that it has not shown, or its log builds on one. What comes after it waits. If this stays, compare with a partner: a manager can give new keys, or move the relay.
relay-version = The relay speaks another protocol version. Reload the page, or ask its host to update it.
relay-misbehaved = The relay broke the protocol: it { $detail }. The connection was closed, and what you wrote stays on this device. Try once more; if it happens again, tell the venture’s managers, who can move the venture to another relay.
relay-may-not-edit =
    { $count ->
        [one] Your roles no longer allow editing here: { $count } of your edits was not taken. It stays on this device.
       *[other] Your roles no longer allow editing here: { $count } of your edits were not taken. They stay on this device.
    } Ask a partner manager of your party for the role, or save the edits as a file, which a manager can take in.
relay-quota = The venture’s space on this relay is used up, so edits stay on this device. Ask the relay’s host for more.
relay-too-big = An edit is larger than this relay takes. It stays on this device. Ask the relay’s host to raise the limit.
relay-too-much = This device sent more than the relay allows at once. Wait a while, then click the status at the top to try again.
relay-draining = The relay is shutting down. Work goes on, and edits are sent once it is back.
relay-storage = The relay cannot write to its disk. Edits stay on this device until it can; tell its host.
relay-busy = The relay has too many connections. Edits are sent as soon as it takes this one.
relay-moved = The venture has moved to another relay. Ask a partner manager for the link that leads there.
relay-closed = This relay takes no new ventures. Ask its host, or choose another relay.
relay-entry-forbidden = The relay did not take it: by the charter that it has, you may not do this. Somebody may have changed your role meanwhile.
relay-moved-on = Somebody changed the members or rights at the same moment. Look again, then repeat it.
relay-accused = The relay says that this device { $detail }. Nothing more is sent. Reload the page; if it stays, tell the relay’s host.
relay-envelope-missing = A part of the log that the relay asks for is missing in the store of this device. Add this device anew by another of your devices or your recovery kit.

misbehaviour-bad-frame = sent a frame that cannot be read
misbehaviour-out-of-turn = sent a frame that does not fit the state of the connection
misbehaviour-no-common-version = speaks no version that we speak
misbehaviour-bad-signature = signed with a wrong key
misbehaviour-wrong-relay = is not the relay that the charter names
misbehaviour-not-admitted = is neither a member’s device nor the holder of a pending invite
misbehaviour-other-venture = belongs to another venture
misbehaviour-wrong-document = sent an envelope whose document is not what its space and device make it
misbehaviour-equivocation = signed two different envelopes for one place in a stream
misbehaviour-broken-log = sent log entries with a gap or a wrong chain
misbehaviour-forked-log = acknowledged a log that is not the one it showed
misbehaviour-forked-charter = acknowledged another charter than the one it showed
misbehaviour-bad-charter = sent a charter entry that does not extend the charter
misbehaviour-rolled-back = lost acknowledged entries and does not say so
misbehaviour-forged-ack = claims an acknowledgement that it did not make
misbehaviour-too-much = sends more than the limits allow

failure-offline = This needs the relay, and it cannot be reached. Check the address and the connection, then try again.
failure-relay-url = This is no address of a relay. It reads like https://relay.example or http://localhost:8787.
failure-forbidden = Your role does not allow this.
failure-others-refuse = The other devices would refuse this, so nothing was changed ({ $detail }). Leave this entry as it is, and tell the others.
failure-name-too-long = The name is too long: it holds about 130 Chinese characters, or 400 letters.
failure-name-taken = Another party has this name or code. Choose another name.
failure-name-bad = A name is needed, without line breaks or other control characters.
failure-party-code = A party’s code has one to eight letters and digits, without accents.
failure-code-taken = Another party has this code or name. Choose another code.
failure-no-role = Choose at least one role.
failure-no-venture = There is no such venture on this device.
failure-nothing-to-undo = There is nothing to take back.
failure-store = The store of this device failed, and nothing was changed: { $detail }
failure-defect = Something broke. For a report: { $detail }

invite-malformed = This is no invite link. Copy the whole link, from https:// to its last letter.
invite-newer = The invite was made by a newer version. Reload to update, then open it again.
invite-used = This invite was used already, or it was taken back. Ask for a new one.
invite-expired = The invite has expired. Ask for a new one.
invite-revoked = The invite was taken back. Ask for a new one.
invite-known = This venture is on this device already.
recovery-malformed = This is no recovery kit, or it is damaged. Use another copy of it, or its words.
recovery-newer = The recovery kit was made by a newer version. Reload to update, then try again.
recovery-passphrase-needed = The file is sealed. Type its passphrase.
recovery-passphrase-wrong = The passphrase does not open the file.
recovery-known = This venture is on this device already.
