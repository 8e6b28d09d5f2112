# The command line on people, devices, keys and the charter.

## Done

cli-member-removed = { $name } is removed with all their devices, and the others have new keys. What they had already read they may have kept.
cli-roles-set = Roles of { $name }: { $roles }.
cli-member-confirmed = Confirmed: { $name } reads the words { $words }.
cli-confirm-question =
    Ask { $name } by phone for the words that `heqi security` shows them, and compare:
    { $words }
    Are they equal? (y/N)
cli-device-code =
    On the new device: heqi --home DIR device join { $code } --relay { $relay }
    or scan the code above, or open the link:
    { $link }
    { $hours ->
        [one] It lets one device in, within an hour. Whoever has it becomes you.
       *[other] It lets one device in, within { $hours } hours. Whoever has it becomes you.
    }
cli-device-joined =
    { $count ->
        [one] This is a device of yours now, in “{ $venture }”, with { $count } task.
       *[other] This is a device of yours now, in “{ $venture }”, with { $count } tasks.
    }
cli-device-revoked = The device { $id } of { $name } is revoked, and the others have new keys.
cli-device-named = The device { $id } is called “{ $name }” now.
cli-named = { $before } is called “{ $name }” now.
cli-party-left = Your party has left the venture. What was here stays readable.
cli-party-removed = { $name } is removed from the venture, and the others have new keys.
cli-party-repaired = The others may now make a member of { $name } its manager, or invite one.
cli-interests-set = Participating interests from { $day } on are decided.
cli-access-set = Access to { $space } is set.
cli-rotated = New keys: { $spaces }.
cli-generation-begun = The next generation of { $space } has begun. What was on its way is sealed again for it.
cli-document-deleted = The document of { $space } is deleted.
cli-generation = generation { $number }
cli-envelopes =
    { $count ->
        [one] { $count } envelope
       *[other] { $count } envelopes
    }
cli-proposed = Put to the parties as proposal { $id }. It takes effect when they agree: `heqi proposal approve { $id }`.
cli-proposal = { $id }  { $what } Proposed by { $who }. Agreed: { $agreed }. Still to say: { $waiting }.
cli-no-proposals = Nothing is proposed.
cli-approved = Agreed: { $what }
cli-declined = Declined: { $what }
cli-invite-revoked = { $id } is taken back: it lets nobody in any more.
cli-offer-device = { $id }  code for a device of { $who }
cli-offer-recovery = { $id }  recovery kit of { $who }
cli-offer-recovery-made = { $id }  recovery kit of { $who }, made { $day }
cli-offer-recovery-unconfirmed = { $id }  recovery kit of { $who }, made { $day }, and nobody has said that they have it. If you do: `heqi recovery keep { $id }`; if not: `heqi invite revoke { $id }`
cli-no-invites = There are no invites, codes or kits that could be used.
cli-recovery-words = Write these words down, in this order, with the relay’s address { $relay }. They bring you back on an empty device: `heqi --home DIR recovery use WORD… --relay URL`.
cli-recovery-sealed = The file asks for the passphrase, which cannot be recovered. The words above do not: keep them as you would keep a key.
cli-passphrase = Passphrase of the kit:
cli-passphrase-new = Passphrase for the file:
cli-passphrase-again = Once more:
cli-recovery-secret = Whoever has the kit becomes you. It works again and again, until a newer one takes its place.
cli-recovery-keep = Kits made before stay good. Once these words are written down, have this kit take their place: `heqi recovery keep { $id }`
cli-recovery-kept = Kits made before this one bring nobody back any more.
cli-recovery-kept-here = Noted here. Kits made before this one still bring people back until the relay has been told: run `heqi sync`.
cli-charter-verified = Everything in it holds: { $entries } entries, each signed, allowed and acknowledged, and { $keys } keys, each the one that the charter names. Words to compare by phone: { $words }
cli-key-unfit = A key of { $space } is not the one that the charter names. Ask a manager for `heqi key rotate`.
cli-no-late = Nothing came too late.
cli-late-take = `heqi late take ID…` takes them in.
cli-late-there =
    { $count ->
        [one] { $count } envelope came too late from somebody who was removed: heqi late list
       *[other] { $count } envelopes came too late from those who were removed: heqi late list
    }
cli-late-exported =
    { $count ->
        [one] { $count } unsent edit is in { $path }. Send it to a manager, who may take it in with `heqi late take FILE`.
       *[other] { $count } unsent edits are in { $path }. Send it to a manager, who may take them in with `heqi late take FILE`.
    }
cli-late-taken = Taken in. Everybody sees these edits now.
cli-alarms =
    { $count ->
        [one] ! { $count } device was shown another history than this one: `heqi security` says what to do
       *[other] ! { $count } devices were shown another history than this one: `heqi security` says what to do
    }
cli-relay-moved =
    The venture moves to { $relay }. Members follow by themselves while the old relay still answers; for the others, send this link: it holds no secret.
    heqi relay follow { $link }
cli-relay-followed = The venture is on { $relay }, and this device follows it there.

## Kept, until the relay is reached

cli-kept = Noted. It is done with the next `heqi sync`.
cli-kept-unavailable = Noted. The relay cannot be reached: { $reason }. It is done with the next `heqi sync`.

## Removed

cli-removed = You were removed from “{ $venture }” by { $who } (entry { $entry } of the charter: `heqi charter log`). Nothing is sent or received any more; what was here stays readable.
cli-left = You have left “{ $venture }” (entry { $entry } of the charter). Nothing is sent or received any more; what was here stays readable.
cli-removed-unsent =
    { $count ->
        [one] {" "}{ $count } edit of yours was not sent: `heqi late export FILE` saves it, for a manager to take in.
       *[other] {" "}{ $count } edits of yours were not sent: `heqi late export FILE` saves them, for a manager to take in.
    }

## Not done

cli-several = “{ $name }” may mean: { $candidates }. Write PARTY:NAME, or the first digits of the id.
cli-unknown-member = There is no member “{ $name }”. `heqi member list` shows them all.
cli-unknown-party = There is no party “{ $name }”. `heqi party list` shows them all.
cli-unknown-device = There is no device “{ $name }”. `heqi device list` shows them all.
cli-unknown-invite = There is no pending invite, code or kit “{ $name }”. `heqi invite list` shows them all.
cli-unknown-proposal = There is no proposal “{ $name }”. `heqi proposal list` shows them all.
cli-unknown-late = No late envelope has the id “{ $name }”, and there is no such file. `heqi late list` shows them all.
cli-unknown-document = There is no document “{ $name }” that you read. `heqi document list` shows them all.
cli-code-shape = A code has seven groups of four letters and digits; a kit has twelve words. Type it again, or use the link.
cli-code-checksum = The code has a mistake in it. Compare it letter by letter.
cli-code-needs-relay = A code or words need the address of the venture’s relay: add --relay URL. A link or a file has it in it.
cli-unknown-code = The relay { $relay } does not know this code. It was used, withdrawn or has expired, or the venture is on another relay.
cli-code-refused = This code or kit was withdrawn, used up, or made for another venture. Make a new one on another device, or ask a manager for an invite.
cli-link-malformed = The link is damaged or of another kind. Copy the whole link, from https:// to its last letter.
cli-not-a-share = “{ $given }” is not PARTY=PERCENT, with at most two decimals.
cli-not-whole = The shares add up to { $sum } %. They must be 100 % in all.
cli-not-confirmed = Not confirmed. Compare the words first; with --yes nothing is asked.
cli-no-passphrase = No passphrase was given: type one, or write it to standard input.
cli-passphrase-differs = The two passphrases differ.
cli-standard-input = standard input
cli-last-role = A member needs a role. Remove the member with `heqi member remove`, or grant another role first.
cli-may-not-read = Your roles do not allow reading this. Ask a partner manager of your party.
cli-unread = Your roles ({ $own }) do not read “{ $space }”; read by: { $readers }.
cli-unread-private = “{ $space }” is read by members whom somebody who reads it has invited or confirmed.
cli-unread-ask = Ask a partner manager of your party: { $names }.
cli-unread-nobody = Your party has no other partner manager whom you could ask.
cli-keys-missing = This device lacks the keys for it. Another device of your party gives them with its next `heqi sync`; then try again.
cli-no-late-edits = The file holds no edits of somebody of this venture who was removed or may not write.
cli-late-let-go =
    { $count ->
        [0] There were no unsent edits to let go of.
        [one] One unsent edit was let go of.
       *[other] { $count } unsent edits were let go of.
    }
cli-unsent-barred = There are unsent edits where you may not write any more. They stay on this device: save them with heqi late export, for a manager to take in, then let go of them with heqi late let-go.
cli-other-venture = The link is of another venture.
cli-unavailable-moved = the venture has moved to another relay

## Access and refusals

cli-removed-mark = removed
cli-this-device = this device
cli-no-manager-mark = no manager
cli-access-space = Space
cli-access-read = Reads
cli-access-write = Writes
cli-access-private-note = Each party’s private space is read and written by its own members alone, those invited or confirmed by their own party.
cli-refused-nothing = It would change nothing: it is so already.
cli-refused-not-decided = The parties have not decided this. Propose it first.
cli-refused-bad-proposal = This cannot be proposed: it is proposed already, or it needs nobody else’s word.
cli-refused-interests = Participating interests name each party of the venture once, and add up to 100 %.
cli-refused-access-rule = Whoever writes a space must read it too. Add those roles to the readers.
cli-refused-spent = The invite, code or kit was used before, taken back, or never made.
cli-refused-gone = They are no longer part of the venture.
cli-refused-other = The rules of the charter forbid it: { $detail }

## What people compare

cli-security-member = Your words, for those who confirm you: { $words }
cli-security-charter = Compare by phone. Everybody whose charter has { $entries } entries reads the same words: { $words }
cli-security-logs = Words over what you have read; equal numbers, equal words:
cli-security-keys = Key of the relay: { $relay }. This device: { $device }.
cli-security-no-alarm = No device says that it was shown another history.
cli-security-nobody = somebody whom this device does not know
cli-security-alarm-log = ! { $who } was shown other edits than you, up to number { $seq } (device { $device }). The relay or that device is not honest: agree on nothing by this venture until it is settled. Call them on a number you know: do you both see the same newest edits? Above, equal numbers have equal words. If anything differs, have a manager move the venture, which loses nothing: `heqi relay move URL`. If nothing differs, ask them about that device. Once it is settled: `heqi security --dismiss { $device }`
cli-security-alarm-charter = ! { $who } was shown another charter, before entry { $entry } (device { $device }). The relay or that device is not honest: agree on nothing by this venture until it is settled. Call them on a number you know and compare the words of the charter. If they differ, have a manager move the venture, which loses nothing: `heqi relay move URL`. If they are equal, ask them about that device. Once it is settled: `heqi security --dismiss { $device }`
