# The charter in plain language. Shared by the browser client and the command line.

space-directory = Names
space-plan = Plan
space-risk = Risk
space-contracts = Contracts
space-finance = Finance
space-market = Market
space-governance = Governance
space-private = Private space of { $party }
nobody = nobody

rule-all = { $space }: read by { $read }, written by { $write }.
rule-party = { $space }, for { $party } alone: read by { $read }, written by { $write }.
rule-back = { $space }: as it is by default.
rule-back-party = { $space }, for { $party }: as it is for all parties.

target-device = the device { $device } of { $member }
target-party = the party { $party }

proposal-interests = Participating interests from { $from }: { $shares }.
proposal-remove = Remove { $target }. All keys change; what they had they keep.
proposal-repair = Let the other parties invite a new manager into { $party }, which has none.

history-founded = { $member } of { $party } founded the venture.
history-party-admitted = { $author } admitted { $party }.
history-invited = { $author } invited somebody to { $party } as { $roles }.
history-joined = { $member } joined { $party } by an invite.
history-device-offered = { $author } made a code for a further device.
history-kit-made = { $author } made a recovery kit.
history-device-added = { $member } added the device { $device }.
history-withdrawn = { $author } took back an invite, a device code or a recovery kit.
history-roles-set = { $author } gave { $member } the roles { $roles }.
history-removed = { $author } removed { $target }.
history-keys-given = { $author } gave out keys.
history-complained = { $author } could not open a key of { $space } and asked for a new one.
history-confirmed = { $author } compared words with { $member }.
history-proposed = { $author } put to the parties: { $what }
history-agreed = { $author } agreed to a proposal.
history-declined = { $author } declined a proposal.
history-access-set = { $author } changed access. { $rules }
history-taken-in =
    { $count ->
        [one] { $author } took in { $count } late edit.
       *[other] { $author } took in { $count } late edits.
    }
history-document-deleted = { $author } deleted a document.
history-generation = { $author } began a document anew.
history-relay-moved = { $author } moved the venture to another relay.
history-rotated = New keys for: { $spaces }.
