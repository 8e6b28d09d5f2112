# The charter in plain words: its history, proposals, access. Shared by the browser client and the command line.

## Spaces and marks

space-directory = Names
space-plan = Plan
space-risk = Risk
space-contracts = Contracts
space-finance = Finance
space-market = Market
space-governance = Governance
space-private = Private space of the party
role-none = nobody
removed-mark = removed
this-device = this device
no-manager-mark = no manager

## Entries, one sentence each

event-founded = { $who } founded the venture, with the party { $party }.
event-party-admitted = { $who } admitted the party { $party }.
event-invited = { $who } invited somebody into { $party } as: { $roles }.
event-joined = { $who } joined by an invite.
event-device-offered = { $who } made a code for one more device.
event-recovery-offered = { $who } made a recovery kit.
event-device-added = { $who } added the device { $device }.
event-withdrawn = { $who } took an invite, code or kit back.
event-roles-set = { $who } set the roles of { $member } to: { $roles }.
event-removed = { $who } removed { $target }.
event-keys-given = { $who } gave keys to those they were due to.
event-complained = { $who } could not open a key of { $space }.
event-confirmed = { $who } compared words with { $member }.
event-proposed = { $who } proposed: { $what }
event-agreed = { $who } agreed to the proposal { $id }.
event-declined = { $who } declined the proposal { $id }.
event-access-set = { $who } set the access. { $rules }
event-taken-in =
    { $count ->
        [one] { $who } took in { $count } late envelope.
       *[other] { $who } took in { $count } late envelopes.
    }
event-document-deleted = { $who } deleted a document.
event-generation-begun = { $who } began a document anew.
event-relay-moved = { $who } moved the venture to the relay with the key { $relay }.
event-named = { $who } named { $target } “{ $name }”.
event-named-unread = { $who } gave { $target } another name, which cannot be read here.
event-rotated = New keys: { $spaces }.

## Proposals

action-interests = From { $day } on the participating interests are: { $shares }.
action-access = Access is set. { $rules }
action-remove = { $target } is removed.
action-repair = The others may make a member of { $party } its manager, or invite one.
target-party = the party { $party }
target-device = the device { $device } of { $member }
access-rule = { $space }: read by { $read }, written by { $write }
access-rule-default = { $space }: as by default
access-space = Space
access-read = Reads
access-write = Writes
access-private-note = Each party’s private space is read and written by its own members alone, those invited or confirmed by their own party.

## Why an entry is refused

refused-other-member = Only the member whose device it is may do this.
refused-nothing = It would change nothing: it is so already.
refused-not-decided = The parties have not decided this. Propose it first.
refused-bad-proposal = This cannot be proposed: it is proposed already, or it needs nobody else’s word.
refused-interests = Participating interests name each party of the venture once, and add up to 100 %.
refused-access-rule = Whoever writes a space must read it too. Add those roles to the readers.
refused-spent = The invite, code or kit was used before, taken back, or never made.
refused-gone = They are no longer part of the venture.
refused-full = The charter holds no more of these. Remove or take back what is no longer needed, or do it in smaller steps.
refused-other = The rules of the charter forbid it. For a report: { $detail }
