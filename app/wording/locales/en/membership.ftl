# Parties, members, devices, access, security and recovery in the browser client.

## Everywhere

cancel = Cancel
remove = Remove…
revoke = Revoke
propose = Put to the parties
approve = Approve
decline = Decline
refresh = Refresh
try-again = Try again
nav-access = Access
nav-security = Security
needs-everyone = Every party that has a manager must agree before it takes effect.
proposed-now = Put to the parties. It takes effect once they agree.
decided-now = Decided: nobody else has to agree.
space-private-of = Private space of { $party }
space-of-party = { $space } ({ $party } alone)
a-sentence = { $text }.

## Members

member-dialog = Member
member-words = Words of this member
compare-more = Whoever held the invite link may be behind this name. Call the person on a number you know and have them read their words to you, from their Security page. Confirm only if all six are the same.
compare-same = The words are the same
confirmed-now = Confirmed. Everybody sees that words were compared.
roles = Roles
roles-save = Save roles
roles-rotate = What they may no longer read gets new keys.
roles-set-now = Roles changed.
devices-count =
    { $count ->
        [one] { $count } device
       *[other] { $count } devices
    }
one-manager = Your party has one manager. If their devices are lost, nobody can invite or remove here: give a second member the role Partner manager.
no-manager = This party has no manager: nobody can invite or remove its people, or change their roles. If most of the other parties agree, another party’s manager makes one of its members manager, or invites one.
no-manager-mine = Your party has no manager: nobody here can invite or remove people, or change their roles. Ask the managers of the other parties: if most of them agree, they make one of you manager.
repair-propose = Propose to give it a manager
repair-proposed = The parties are deciding whether others may give this party a manager.
appoint = Make manager
appoint-more = The parties have agreed to give this party a manager. Choose one of its members, or invite somebody into the party as Partner manager.
appoint-nobody = The parties have agreed to give this party a manager, and none of its members is left. Invite somebody into the party as Partner manager.
appoint-member = New manager
appointed-now = The party has a manager again.
kit-mark = has a recovery kit
never-heard = not heard from yet
interest-more = Participating interest
days-count = { $count } days
invite-days = Link works for
invited-by = by { $name }
expires-at = until { $time }
expired-at = expired { $time }
expires-never = until revoked
invite-revoke = Revoke this invite?
revoke-dead = The link stops working at once.
revoked-now = Revoked.
remove-member = Remove member
remove-party = Remove this party?
remove-button = Remove
remove-propose = Propose removal
remove-votes = The other parties vote on it. It happens once most of them agree.
remove-rotates = All keys they hold are changed. They read nothing written from now on.
remove-keeps = What they already had, they keep. Nothing can take it back from their device.
remove-late = Edits they made and have not sent do not count, unless a manager takes them in.
leave-venture = Leave the venture
leave-button = Leave
removed-now = Removed. New keys are given out.
device-revoke = Revoke this device?
device-revoke-button = Revoke device
device-stops = It can send and receive nothing more.
device-revoked-now = The device is revoked. New keys are given out.

## Participating interests and proposals

interests-propose = Participating interests…
interests-more = What each party holds of the venture. The shares add up to 100%.
interests-sum = Sum: { $sum } of 100%
interests-numbers = A share is a number such as 33.34.
interests-from = In force from
proposals = Put to the parties
proposed-by = put by { $name }
proposal-decided = decided, being carried out
vote-agrees = agrees
vote-declines = declines
vote-open = has not answered
agreed-now = Your party agrees.
declined-now = Your party declines.

## Access

access-more = Who reads and who writes, by role. A device receives only what its member may read.
access-change = Change access…
access-changed = changed
access-party = For whom
access-narrow = Narrow access
access-narrows = This narrows your own party alone, so it needs nobody else and takes effect at once.
access-narrowed = Narrowed. What is no longer read gets new keys.
access-back = Back to the default…
all-parties = All parties
level-none = No access
level-read = Reads
level-write = Writes
role-short-partner-manager = Manager
role-short-pmo = PMO
role-short-finance = Finance
role-short-market = Market
role-short-legal = Legal
role-short-viewer = Viewer

## Security

security-more = Neither the host nor another party needs to be believed: compare, and verify.
security-compare = Compare by phone
security-compare-more = Read these words to each other, on a number you know. Equal words: equal members, keys and rights. Different words for the same number of entries: stop and find out why.
words-charter =
    { $count ->
        [one] The charter with its { $count } entry
       *[other] The charter with its { $count } entries
    }
words-logs = What was read of each space
words-logs-more = Words agree where both have read equally far.
log-to = to entry { $seq }
verify = Verify
verify-now = Verify now
verify-busy = Verifying…
verify-more = Folds the charter from its first entry and checks every signature, every right and the order of all that this device holds.
verify-good =
    Everything holds: { $entries ->
        [one] { $entries } charter entry
       *[other] { $entries } charter entries
    }, { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    }, { $envelopes ->
        [one] { $envelopes } sealed edit
       *[other] { $envelopes } sealed edits
    }.
verify-bad = Something does not hold. Tell the venture’s managers, and compare words with another party. For a report: { $reason }
security-relay = Relay
relay-key = Key of the relay
security-heard = Last heard
security-heard-more = A host that holds edits back shows here: if a party has worked since, compare words with them.
history = History of the charter
history-more = Every entry is signed by its author and names the one before it. Nobody, the host included, can change or leave out one unseen.
history-count =
    { $count ->
        [one] { $count } entry
       *[other] { $count } entries
    }
history-all = Show all
late = Late edits of removed members
late-count = { $count } waiting
late-more = Edits that a removed member had made and not sent. If they hand you their exported file, you can let these edits count.
late-take-in = Take in a file
taken-in-now = Taken in.
follow = The relay has moved or is gone
follow-more = If a manager has moved the venture and the old relay cannot say so, paste their link. The new relay is believed only if it shows a charter that continues yours and names it.
follow-link = Move link
follow-button = Go to the new relay
follow-now = Looking for the venture at the new relay.
move = Move to another relay
move-more = As a manager you can move the venture to any relay of Heqi: your own, or a partner’s. Every device brings along what it has, so nothing is lost.
move-url = Address of the new relay
move-url-hint = It must answer already, for example https://relay.example
move-dead = The old relay cannot be reached any more
move-question = Move the venture?
move-button = Move
move-busy = Moving…
move-key = The new relay’s key goes into the charter, with your signature.
move-follow = Members follow by themselves while the old relay still answers. Leave it running until all have.
move-keeps = For whoever cannot be told by the old relay, you get a link to send.
move-takes-over = The new relay takes the venture over from this device.
move-send = The old relay can tell nobody: you get a link to send to every member.
move-done = The venture has moved. Send this link to members whom the old relay cannot tell. It holds no secret.
moved-title = The venture has moved
moved-more = A manager says that it is at another relay now. That relay is believed only if it shows a charter that continues yours and names it.
moved-elsewhere = The venture is not kept at this address: a browser keeps it under the address where you have used it so far. Open Heqi there, which works without its relay, and paste this link on the page Security, under “The relay has moved or is gone”.
alarm-notice = Somebody in this venture was shown another history than you. Agree on nothing by it until it is settled.
alarm-look = See what to do
alarm-charter = { $who } was shown another charter, from entry { $at } on. The relay, or that device, is not honest.
alarm-log = { $who } was shown other edits than you, up to number { $at }. The relay, or that device, is not honest.
alarm-stop = Agree on nothing by this venture until it is settled.
alarm-call-charter = Call that member on a number you know, and compare the words of the charter below.
alarm-call-log = Call that member on a number you know: do you both see the same newest edits? In the words of each space below, equal numbers have equal words.
alarm-move = If anything differs, a manager moves the venture to another relay. Every device brings along what it has, so nothing is lost. The proof is kept on this device.
alarm-same = If nothing differs, ask the member about that device: it may be broken, or not theirs any more.
alarm-seen = I have seen it
outside = Edits that are not in view
outside-more = They are in the log with their authors’ signatures, and change nothing here.
outside-refused = Edit { $edit } by { $who } was refused by every device, and counts nowhere ({ $detail }). If it is not yours, ask them: their device may be broken, or not theirs any more.
outside-forged = Edit { $edit } stands in the log that the relay shows, and nobody has signed it as it is there: the relay is not honest. It counts nowhere. Compare with a partner; a manager can move the venture to another relay, and nothing is lost.
outside-waiting = Edit { $edit } by { $who } waits for earlier ones that have not come. If this stays, ask them to open Heqi and connect.
outside-refused-by =
    { $count ->
        [one] { $count } edit by { $who } is refused by every device and counts nowhere.
       *[other] { $count } edits by { $who } are refused by every device and count nowhere.
    }
outside-refused-do = Call them: their device may be broken, or in other hands. A manager can revoke it on the page Members.
outside-refused-nobody =
    { $count ->
        [one] { $count } edit of unknown origin counts nowhere.
       *[other] { $count } edits of unknown origin count nowhere.
    }
outside-refused-nobody-do = They were damaged on their way or in this browser, or somebody without a right to it has put them there. Press “Verify now” below, and compare words with another party.
outside-forged-count =
    { $count ->
        [one] { $count } edit stands in the log that the relay shows, and nobody has signed it as it is there: the relay is not honest. It counts nowhere.
       *[other] { $count } edits stand in the log that the relay shows, and nobody has signed them as they are there: the relay is not honest. They count nowhere.
    }
outside-forged-do = Compare with a partner. A manager can move the venture to another relay, and nothing is lost.
outside-waiting-by =
    { $count ->
        [one] { $count } edit by { $who } waits for earlier ones that have not come.
       *[other] { $count } edits by { $who } wait for earlier ones that have not come.
    }
outside-waiting-do = Nothing is to be done at first. If it stays so, ask them to open Heqi on the device that they worked on, and to connect.

## Devices

devices = Devices
devices-words = Everybody in the venture sees these names. Two words of its key tell a device from others of the same name.
device-default = { $browser } on { $system }
device-name = Name of the device
name-of-member = Name of the member
rename = Rename
rename-hint = Everybody in the venture sees it. The history keeps the name before.
rename-save = Save
named-now = Renamed.
device-add = Add a device
device-making = Making a code…
device-step-scan = Scan this with the other device’s camera,
device-step-type = or open this relay’s address there, choose “Add this device”, and type the code.
device-qr = Link that adds a device
code-left = Works for another { $time }
code-over = The code has expired. Nothing was added.
code-again = Make a new code
device-code-secret = It adds one device, as you. Show it to nobody.
device-added = The device is added. It reads the history now.
offer-kit = Recovery kit
offer-code = Device code

## Recovery kit

kit = Recovery kit
kit-shown-once = Print it or save its file. It is shown only now.
kit-have-more = Kits made before stay good until you say that you have this one.
kit-have = I have printed or saved it
kit-have-it = I have it
kit-kept = This is your recovery kit now. Those made before bring nobody back any more.
kit-unconfirmed-now = You have not said that you have this kit, so those made before stay good. Settings lists all of them.
kit-unconfirmed = made { $time }; not confirmed that you have it
kit-made-on = made on { $device }
kit-print = Print
kit-save-again = Save the file
kit-saved = Recovery kit saved. Keep it where only you can read it.
kit-sealed = The file asks for the passphrase. The printed page does not: keep it as you would keep a key.
kit-claim = Brings you back into the venture if all your devices are lost.
kit-date = Made
kit-qr = Link of the recovery kit
kit-words = Twelve words, in either language
kit-how = How to use it
kit-how-open = Open the relay’s address in a browser on any device, or scan the code.
kit-how-type = Choose “Add this device” and type the twelve words.
kit-how-after = Afterwards, revoke the devices that were lost.
kit-warning = Whoever has this page can act as you. It holds no edits: those come from the relay. A newer kit makes this one void once you say that you have it.

## Lock

lock = Lock on this device
lock-on = locked when closed
lock-off = not locked
lock-more = Seals keys and contents on this device. Whoever copies the browser’s files cannot read them without your passphrase or passkey. The venture’s name on the start page stays readable.
lock-lost = A lost passphrase cannot be recovered. Your recovery kit brings you back; edits not sent by then are lost.
lock-now = Lock now
lock-wrong = That does not open it.
locked = Locked
locked-title = { $name } is locked
locked-more = It is locked on this device. Nothing is sent or received until it is opened.
locked-lost = Passphrase lost?
locked-lost-way = Come back by your recovery kit or another device
locked-mark = locked
copy-notice = A locked copy of this venture is still in this browser.
copy-remove = Remove the locked copy…
copy-question = Remove the locked copy from this browser?
copy-gone = Its keys and contents are deleted from this browser, and nothing brings them back.
copy-sent = As far as this browser has noted, all its edits had been sent.
copy-unsent = It holds edits that were not sent. How many is not known while it is locked. They are lost with it.
copy-other-stays = The other copy in this browser stays. Revoke the old device in the settings there.
copy-last = The venture goes on without it. You come back by your recovery kit, another device of yours, or a new invite: make sure that you have one of them.
copy-remove-button = Remove it
copy-removed = The locked copy is removed.
unlock = Unlock
unlocking = Unlocking…
unlock-passkey = Unlock with passkey
idle = Lock when idle
idle-never = Never
idle-minutes = After { $count } minutes
passphrase-new = New passphrase
passphrase-again = Once more
passphrase-set = Lock with passphrase
passphrase-change = Change passphrase
passphrase-unset = Take the passphrase away
passphrase-short = At least { $count } characters. A few random words are best.
passphrase-differs = The two differ.
passkey = Passkey
passkey-more = Unlocks with fingerprint, face or PIN of this device.
passkey-none = This browser cannot keep a secret behind a passkey (WebAuthn PRF).
passkey-add = Add a passkey
passkey-remove = Remove
passkey-refused = The browser gave no secret for the passkey. Nothing was changed.

## Adding this device

restore-add = Add this device
restore-by = By
restore-once = A code works once. A recovery kit works until you say that you have a newer one.
restore-code = Code, words or link
restore-code-hint = Seven groups of four from another device, the twelve words of a recovery kit in English or Chinese, or a link.
restore-relay-hint = Where the venture is. The page you opened comes from here.
restore-or-file = Or with the recovery kit’s file:
code-malformed = This is neither a code, nor twelve words, nor a link.
code-checksum = There is a mistake in it. Compare it letter by letter, or word by word.
code-unknown = This relay knows no such code. It has expired or was used, or it belongs to another relay: check the address.
code-spent = This code or kit was used up or withdrawn. Make a new code on another device, or use your newest kit.
code-expired = The code has expired. Make a new one on the other device.
charter-not-manager = Only a partner manager may do this.
charter-other-party = That party has a manager of its own, who looks after its people.
charter-keys-missing = This device lacks the keys for it. Another device of your party has to give them first: open the venture there.
charter-no-late-edits = There are no such edits in it.
charter-too-many-edits = There are more unsent edits than one file holds. Connect this device, or copy the plan by hand.
charter-edits-missing = Some of the unsent edits are not in the store of this device any more. Export again for a file of those that are.
charter-other-venture = The link belongs to another venture.

## Removed

removed-title = You were removed from this venture
removed-by = By { $who }, in entry { $entry } of the charter. This device learned of it { $time }.
removed-reads = Everything that was here stays here, and stays readable.
removed-stops = Nothing is sent or received any more.
removed-nothing-unsent = All your edits had arrived.
removed-unsent =
    { $count ->
        [one] { $count } of your edits had not arrived. Export it and hand it to a manager, who may let it count.
       *[other] { $count } of your edits had not arrived. Export them and hand them to a manager, who may let them count.
    }
removed-read = Read on
removed-bar = You were removed from this venture. What is here stays readable.
removed-details = Details
removed-mistake = If this is a mistake, a manager of your party can invite you again.
export-late = Export unsent edits
let-go = Let go of them…
let-go-question = Let go of your unsent edits?
let-go-count =
    { $count ->
        [one] { $count } edit that the others do not have
       *[other] { $count } edits that the others do not have
    }
let-go-view = They leave the plan on this device, which then shows what the others have.
let-go-gone = Nobody else has them: without a file they are gone for good.
let-go-save = Export them first. A manager can take in the file later, and they count then.
let-go-button = Let go of them
let-go-now = Let go of. The plan shows what the others have.
export-archive = Export everything
