# The browser client.

close = Close
back = Back
later = Later
not-now = Not now
copy = Copy link
copied = Copied
copy-refused = This browser does not allow copying. The text is selected: copy it by Ctrl+C, or by its menu.
reload = Reload
loading = Loading…
skip = Skip to content
you = you
you-mark = you
somebody = somebody not yet known
member-of = { $member } ({ $party })
list-separator = ,{" "}
list-and = { $first } and { $last }

## Frame

nav-label = Pages of the venture
nav-plan = Plan
nav-merge = Merge review
nav-members = Members
nav-settings = Settings
all-ventures = All ventures
opening = Opening the venture…
not-open = The venture is not open
merge-badge =
    { $count ->
        [one] { $count } item for merge review
       *[other] { $count } items for merge review
    }
update-ready = A new version is ready.
update-now = Reload now

## Start

start-claim =
    Several companies, one plan.
    No server that reads it.
start-claim-more = Heqi keeps a full copy of the plan on every member’s device. Work offline, alone or at the same time; when you meet again, the two halves of the tally fit.
sees-title = What the host of a relay sees, and what not
sees-yes = Sees
sees-no = Does not see
sees-addresses = network addresses of devices
sees-times = when somebody is online
sees-sizes = number and padded size of edits
sees-structure = parties, members and devices with their roles and rights, without names
sees-codes = which device made an edit
sees-not-plan = tasks, dates or anything else of the plan
sees-not-names = names of ventures, parties and members
sees-not-files = imported files
sees-not-keys = the keys, which stay on members’ devices
home-title = Ventures on this device
home-known = Open one, or begin another.
home-empty = There is none yet. How do you want to begin?
home-ways = Ways to another venture
way-create = Create a venture
way-create-more = You lead it and invite the other parties.
way-invite = Open an invite
way-invite-more = Somebody sent you a link.
way-restore = Add this device
way-restore-more = You are a member already: by a code from your other device, or your recovery kit.

## Create

create-title = Create a venture
create-more = Your party leads it. The other parties come in by invite.
create-venture = Venture
create-submit = Create venture
create-busy = Asking the relay…
field-needed = This is needed.
party-name = Party
party-code = Code
party-code-hint = Prefix of codes
party-code-problem = 1 to 6 letters and digits, a letter first.
member-name = Your name
relay-url = Relay
relay-url-hint = The server that passes sealed edits on. It can be any party’s.

## Invite

invite-title = Open an invite
invite-more = Looking at it uses nothing up. You join only by the button below.
invite-link = Invite link
invite-inspect = Look at it
invite-accept = Join the venture
invite-busy = Joining…
invite-host = Relay
invite-who = Invited by
invite-who-unknown = shown once you have joined: names are sealed
invite-once = An invite works once, on the device that uses it. You show as unconfirmed until somebody compares words with you.
invite-loopback = This link leads to the machine it was made on. Opened elsewhere, it reaches nothing: ask for one with the relay’s real address.
invite-plaintext = The connection to this relay is not encrypted. Edits stay sealed, but others on the network see that you connect.
invite-known-open = Open it
in-app = You are in the built-in browser of { $app }. It keeps data apart from your usual browser, and may throw it away. Better: use “open in browser” from its menu.
keep-here = Keep this venture here all the same
keep-here-app = Keep this venture here, in { $app }, all the same

## Restore

restore-title = Add this device
restore-more = You are a member of a venture already. Use a code from another of your devices, or your recovery kit.
restore-pick = Choose the recovery kit’s file
restore-submit = Restore
restore-busy = Restoring…
passphrase = Passphrase
passphrase-optional = Passphrase (optional)
passphrase-hint = Seals the file. It cannot be recovered.

## Screens that stop here

unfit-title = Heqi cannot keep a venture safe here
unfit-insecure = This page came over { $origin } without encryption. Browsers then refuse to keep data, to lock it, and to work offline.
unfit-remedy-tls = Ask the host to serve the relay over https:// (heqi-relay serve --tls-cert … --tls-key …, or behind a proxy with a certificate).
unfit-remedy-local = On the machine that runs the relay, open { $url } instead.
unfit-remedy-tunnel = Or reach that machine through a tunnel that ends on your own localhost.
unfit-why = Nothing was stored.
unfit-missing = This browser has no { $feature }, or has it switched off. Use a current version of Chrome, Edge, Firefox or Safari, outside a locked-down mode.
fatal-store-title = The store of this device failed
fatal-store = Edits can no longer be saved here, so editing stops. Reload to try again. If it persists, save what you can from another device.
fatal-full-title = No space left for this site
fatal-full = The browser gives this site no more space, so edits cannot be saved. Free some space on the device, then reload.
fatal-newer-title = A newer version is open in another tab
fatal-newer = It took the store over. Reload this tab to go on with the same version.
fatal-occupied-title = Heqi is open in another tab
fatal-occupied = Another tab holds the store, and this browser cannot share it. Close the other tab, then reload this one.
fatal-defect-title = Something broke
fatal-defect = What was saved is still there. Reload to go on.
fatal-typed = You were typing this, and it is not saved:
fatal-detail = For a report

## Plan

toolbar = Edit the plan
add-task = Task
new-task = New task
undo = Undo
redo = Redo
indent = Indent
outdent = Outdent
move-up = Move up
move-down = Move down
delete-task = Delete
search = Search
import = Import
export = Export CSV
plan-import = Import a Microsoft Project XML file
export-csv = Export the plan as CSV
plan-empty = The plan is empty
plan-empty-more = Name a first task, or import a Microsoft Project XML file. You can also drop the file here.
plan-first-task = First task
plan-closed = Your roles do not read the plan
plan-closed-readers = Read by
plan-closed-own = Your roles
plan-closed-ask = To read it, ask a partner manager of your party ({ $names }) for one of these roles.
plan-closed-nobody = To read it, one of these roles is needed. Your party has no other manager who could give it.
plan-closed-rest = What else your roles read is here as usual.
read-only = Your role reads the plan and does not edit it.
column-outline = No.
column-code = Code
column-name = Task
column-duration = Duration
column-start = Start
column-finish = Finish
column-percent = Done
column-predecessors = Predecessors
column-accountable = Accountable
branch-open = Open
branch-close = Close
milestone = Milestone
date-imported = As the imported file has it
date-imported-short = file
date-imported-was = Imported: { $day }
tasks-count =
    { $count ->
        [one] { $count } task
       *[other] { $count } tasks
    }
tasks-found = { $found } of { $count } tasks
key-new = new task
key-edit = edit
key-next = next cell
key-indent = indent
key-move = move
key-leave = leave the grid
task-deleted = Deleted with all below it. Undo brings it back.
typed-into-gone = A task was deleted meanwhile, so this was not saved: “{ $text }”
name-needed = A task needs a name.
duration-problem = A duration reads like 5d, 1.5w, 8h or 3ed.
percent-problem = Done is a number from 0 to 100.
date-problem = A date reads like 2026-03-31.
finish-before-start = The finish would lie before the start.
predecessor-unknown = “{ $piece }” names no task. Write a code and a type, such as A-T12SS+2d.

## Import

import-done = Import finished
import-tasks = Tasks
import-links = Dependencies
import-calendars = Calendars
import-baselines = Baselines
import-dropped = Not taken over
import-whole = Everything the plan has a place for was taken over.
import-refused = The file was refused and nothing was changed: { $reason }
import-refused-line = The file was refused at line { $line } and nothing was changed: { $reason }
import-too-big = The file is larger than { $megabytes } MB.
file-unreadable = the browser could not read it

## Merge review

merge-more = Edits that met. Nothing waits for you: the plan shows a provisional value, marked here, until somebody decides.
merge-filter = Which items
merge-all = All
merge-open = Need somebody
merge-empty = Nothing to review
merge-empty-more = When edits meet, they are listed here with the value before and both sides.
severity-info = Info
severity-attention = Attention
severity-blocking = Blocking
side-base = Before
side-current = shown now
resolve-take = Take this
resolve-keep = Keep the task
resolve-delete = Delete it
resolve-accept-placement = Leave it where it is
resolve-apply-move = Move it after all
resolve-accept-code = Accept the code
resolve-agree = Agree on { $percent }%
resolve-remove-link = Remove { $pred } → { $succ }

## Members

members-more = Partners and their people. Everybody holds a full copy of what their roles read.
invite = Invite
invite-dialog = Invite a member
invite-party = Party
invite-party-new = A new party
invite-create = Make the link
invite-making = Making the link…
invite-link-more = Send this link to the person. It works once, and it is shown only now.
invite-secret = Whoever has the link can join.
invite-loopback-made = The relay’s address is this machine’s own (localhost): on another device the link reaches nothing. Open Heqi under the relay’s real address, then invite.
invites-pending = Invites not used yet
party-leader = leader
party-mine = your party
party-unnamed = name not yet readable
last-heard = last heard { $time }
unconfirmed = unconfirmed
unconfirmed-more = Whoever held the link may be behind this name, until somebody compares words with them.
role-partner-manager = Partner manager
role-pmo = PMO
role-finance = Finance
role-market = Market
role-legal = Legal
role-viewer = Viewer

## Settings

settings-look = Language and colours
settings-language = Language
settings-theme = Colours
theme-system = System
theme-light = Light
theme-dark = Dark
settings-recovery = Recovery kit
recovery-more = It brings you back into this venture if all your devices are lost: a page to print and a file. A new one makes those before void, once you say that you have it.
recovery-first = Before you edit, make a recovery kit: it brings you back if this browser clears its data.
recovery-private = This looks like a private window: all is gone when it closes. Make a recovery kit before you edit.
recovery-save = Make a recovery kit
recovery-making = Making the kit…
recovery-saved-at = made { $time }
recovery-never = none confirmed here
download-refused = The browser refused the download.
settings-storage = Storage of this browser
keeping-kept = The browser keeps this data until you delete it.
keeping-best-effort = The browser may clear this data when space runs short.
keeping-private = This looks like a private window: the browser clears all data when it closes.
keeping-unknown = The browser does not say whether it keeps this data.
keeping-ask = Ask the browser to keep it
settings-venture = This venture
settings-build = Build
