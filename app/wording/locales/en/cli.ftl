# The command line. What it shares with the browser client stands in the other files.

## Done

cli-created = The venture “{ $venture }” is on the relay. Invite the other parties with `heqi invite`, and make a recovery kit with `heqi recovery make`.
cli-joined =
    { $count ->
        [one] You are in “{ $venture }”, and its plan is here: { $count } task.
       *[other] You are in “{ $venture }”, and its plan is here: { $count } tasks.
    }
cli-recovered =
    { $count ->
        [one] “{ $venture }” is back, with { $count } task.
       *[other] “{ $venture }” is back, with { $count } tasks.
    }
cli-begun-offline = Begun and saved here. `heqi sync` goes on with it.
cli-deleted =
    { $count ->
        [one] Deleted with all below it. `heqi task restore CODE` brings it back.
       *[other] { $count } tasks deleted, with all below them. `heqi task restore CODE` brings one back.
    }
cli-unchanged = Nothing to change: it is so already.
cli-resolved = Decided: { $task }. Left in the merge review: { $count }.
cli-imported = “{ $name }”: { $tasks } tasks, { $links } dependencies, { $calendars } calendars, { $baselines } baselines.
cli-exported-csv =
    { $count ->
        [one] { $count } task written to { $path }.
       *[other] { $count } tasks written to { $path }.
    }
cli-exported =
    { $count ->
        [one] Exported to { $path }: the documents, and { $count } signed envelope.
       *[other] Exported to { $path }: the documents, and { $count } signed envelopes.
    }
cli-verified = Charter and logs hold by the signatures of members and relay: { $entries } charter entries, { $envelopes } envelopes of { $documents } documents, { $acknowledged } of them acknowledged by the relay.
cli-verified-export = No file is missing, added or changed since the member { $member } exported them on { $day } (UTC) with the device { $device }. The logs are sealed: that the documents hold what the logs say is the word of that member.
cli-verified-removed = That device has been removed from the venture.
cli-recovery-saved = Saved to { $path } as well. Keep it where only you can read it.
cli-plan-empty = The plan is empty. `heqi task add NAME` adds a task, `heqi plan import FILE.xml` imports a Microsoft Project file.
cli-conflicts-open =
    { $count ->
        [one] ! { $count } item in the merge review: heqi conflicts
       *[other] ! { $count } items in the merge review: heqi conflicts
    }
cli-see-conflicts = `heqi conflicts` lists them.
cli-decide = {"   "}→ { $ways }
cli-members =
    { $count ->
        [one] { $count } member
       *[other] { $count } members
    }
cli-member = Member
cli-home = Home
cli-edits = Edits
cli-not-ready = not yet admitted; `heqi sync` goes on with it
cli-reading = Reading…
cli-writing = Writing…
cli-relay-restored = The relay was restored from a backup. Replicas give back what it had lost.

## Saved here, not yet acknowledged

cli-saved-offline =
    { $count ->
        [0] Offline, and nothing waits to be sent.
        [one] Saved here, not yet acknowledged: { $count } edit goes out with the next `heqi sync`.
       *[other] Saved here, not yet acknowledged: { $count } edits go out with the next `heqi sync`.
    }
cli-saved-unavailable =
    { $count ->
        [0] The relay cannot be reached: { $reason }. Nothing waits to be sent; what is new there comes with the next `heqi sync`.
        [one] Saved here, not yet acknowledged: { $count } edit goes out with the next `heqi sync`. The relay cannot be reached: { $reason }
       *[other] Saved here, not yet acknowledged: { $count } edits go out with the next `heqi sync`. The relay cannot be reached: { $reason }
    }
cli-saved-stopped =
    { $count ->
        [0] Nothing more is exchanged with the relay: { $reason }
        [one] Saved here, not yet acknowledged: { $count } edit. { $reason }
       *[other] Saved here, not yet acknowledged: { $count } edits. { $reason }
    }
cli-silent = no news from it for { $seconds } s

## Not done

cli-language = There are no texts in “{ $tag }”. Choose en or zh-CN.
cli-unknown-task = No task has the code “{ $code }”. `heqi plan list` shows all codes.
cli-unknown-deleted = No deleted task has the code “{ $code }”. `heqi task restore` without a code lists them.
cli-not-a-field = “{ $given }” is not FIELD=VALUE. `heqi task set --help` lists the fields.
cli-bad-value = “{ $value }” does not fit { $field }. `heqi task set --help` shows what fits.
cli-twice = { $field } stands twice. Give each field once.
cli-unknown-item = There is no item “{ $item }” in the merge review, or more than one begins like that. `heqi conflicts` lists them.
cli-no-side = The item has no side { $side }. `heqi conflicts` shows its choices.
cli-no-link = { $succ } does not depend on { $pred } like that. `heqi plan list` shows the predecessors.
cli-several-links = { $succ } depends on { $pred } in more than one way. Say which with --type.
cli-file-exists = { $path } is there already. Choose another name, or remove it first.
cli-folder-not-empty = { $path } is not empty. Choose a new folder.
cli-no-home = This system names no folder for data. Give one with --home DIR.
cli-needs-relay = This needs the relay. Leave out --offline.
cli-read = { $path } cannot be read: { $cause }
cli-write = { $path } cannot be written: { $cause }
cli-import-refused = The file was refused at line { $line }, column { $column }, and nothing was changed: { $reason }
cli-needs-confirmation = This file carries no identity of its own. It would be taken for the plan “{ $name }” that begins with the task “{ $task }”: everybody who imports a file of that title, date and first task gets the same tasks. Add --yes if that is right.
cli-dialer = TLS cannot be set up: { $detail }
cli-unreachable = The relay cannot be reached: { $reason }. Nothing was changed. Check the address { $relay } and the connection, then try again.
cli-too-often = The relay { $relay } was asked for codes too often from this network. Nothing was changed. Wait a moment, then try again.
cli-unfinished = The relay { $relay } was reached, and then no longer: { $reason }. What was begun is saved; `heqi sync` goes on with it.
cli-invalid = The export does not hold what it says: { $detail }
cli-entropy = This system gives no random numbers, so no keys can be made: { $detail }
cli-home-absent = There is no venture in { $home }. Create one with `heqi venture create`, join one with `heqi join LINK`, or name another folder with --home DIR.
cli-home-empty = There is no venture here. Create one with `heqi venture create`, or join one with `heqi join LINK`.
cli-home-present = { $home } holds a venture already. Name another folder with --home DIR; if it was begun and not finished, `heqi sync` goes on with it.
cli-home-occupied = Another heqi is using { $home }. Wait until it is done, or end it.
cli-home-damaged = The local store is damaged: { $detail }
cli-newer = This was made by a newer version of Heqi. Update first.
cli-newer-venture = The venture uses a newer version of Heqi. Update, then run `heqi sync` again.
cli-version = The relay and this program speak no common version of the protocol. Update the older one.
cli-refused = The relay says that this device { $detail }. Nothing more is sent.
cli-keys = The keys in this invite do not open. Ask for a new one.
cli-envelope-missing = A part of the log is missing in this store. Export from another device, or come back with your recovery kit.
cli-nack = The relay did not take an edit: { $detail }. It stays saved here.
cli-nack-forbidden = Your roles no longer allow changing the plan. The edit stays saved here; ask a partner manager of your party.
cli-nack-quota = The venture’s quota on this relay is used up. The edit stays saved here; ask the relay’s host.
cli-amend = The relay did not take it: { $detail }
cli-unavailable-draining = it is shutting down
cli-unavailable-storage = it cannot write to its disk
cli-unavailable-busy = it has too many connections
cli-unavailable-unknown = it does not know this venture
cli-may-not-write = Your roles do not allow changing the plan. Ask a partner manager of your party.
cli-not-manager = Only a partner manager may do this. Ask one of your party.
cli-other-party = That party has a manager of its own, who looks after its people.
cli-code-missing = The party “{ $party }” is not in the venture. Give it a short code with --code to admit it.
cli-bad-name = { $what } is empty or has characters that are not allowed.
cli-no-role = Name at least one role with --role.
cli-not-yet-member = The venture is not yet founded or joined. `heqi sync` goes on with it.
