use super::*;
use crate::plan::{LinkType, Mode, TaskKind};
use crate::quantity::{Lag, TimeUnit};

#[test]
fn tasks_keep_outline_durations_dates_and_texts() {
    let plan = plan(&sample());
    let [survey, drilling, report, curing] = plan.tasks.as_slice() else {
        panic!("{:?}", plan.tasks);
    };
    let parents: Vec<Option<usize>> = plan.tasks.iter().map(|t| t.parent).collect();
    assert_eq!(parents, [None, Some(0), Some(0), None]);
    let shown: Vec<String> = plan
        .tasks
        .iter()
        .map(|task| task.duration.map_or_else(String::new, |d| d.to_string()))
        .collect();
    // 12.5 hours have no two-decimal form in days of eight hours, hence minutes.
    assert_eq!(shown, ["4w", "750m?", "0d", "3ed?"]);
    assert_eq!(survey.notes, "Lines <one>\nand <two>");
    assert_eq!(survey.wbs, "1");
    let dates = |task: &ImportedTask| {
        [&task.start, &task.finish].map(|d| d.as_ref().map(|d| d.to_string()))
    };
    let expected = [
        Some("2026-01-05T08:00:00".into()),
        Some("2026-01-30T17:00:00".into()),
    ];
    assert_eq!(dates(survey), expected);
    assert_eq!(dates(curing), [Some("2026-02-02T08:00:00".into()), None]);
    assert_eq!((drilling.percent, drilling.baselines), (60, 2));
    assert_eq!(drilling.calendar.as_deref(), Some("Night shift"));
    assert_eq!(report.kind, TaskKind::Milestone);
    assert_eq!((drilling.mode, curing.mode), (Mode::Auto, Mode::Manual));
    assert_eq!(plan.calendars, ["Standard", "Night shift"]);
    assert_eq!(
        (plan.source_name.as_str(), plan.guid.as_deref()),
        ("Bridge 桥", None)
    );
}

#[test]
fn links_keep_type_and_lag_in_their_unit() {
    let plan = plan(&sample());
    let shown: Vec<_> = plan
        .links
        .iter()
        .map(|l| (l.pred_uid, l.succ_uid, l.link_type, l.lag.to_string()))
        .collect();
    let expected = [
        (2, 3, LinkType::Fs, "+1d".to_owned()),
        (4, 3, LinkType::Ss, "-50%".to_owned()),
    ];
    assert_eq!(shown, expected);
    let types = [0, 1, 2, 3].map(|kind| only_link(kind, "").link_type);
    assert_eq!(
        types,
        [LinkType::Ff, LinkType::Fs, LinkType::Sf, LinkType::Ss]
    );
    for (amount, code, lag) in [
        (30, 3, "+3m"),
        (-600, 6, "-1eh"),
        (43_200, 8, "+3ed"),
        (24_000, 9, "+1w"),
        (96_000, 11, "+1mo"),
        (25, 20, "+25e%"),
        (75, 51, "+75%"),
    ] {
        let more = format!("<LinkLag>{amount}</LinkLag><LagFormat>{code}</LagFormat>");
        assert_eq!(only_link(1, &more).lag.to_string(), lag);
    }
    assert_eq!(only_link(1, "").lag, Lag::NONE);
}

#[test]
fn what_is_not_taken_over_is_counted_by_key() {
    let plan = plan(&sample());
    let dropped: Vec<_> = plan
        .report
        .dropped
        .iter()
        .map(|d| (d.what.as_str(), d.count, d.example.as_str()))
        .collect();
    let expected = [
        ("assignment", 1, ""),
        ("assignment.timephased", 1, ""),
        ("calendar.exception", 1, "Exception"),
        ("calendar.working-time", 1, "WeekDay"),
        ("link.other-project", 1, "900 → 4"),
        ("project.property", 1, "Company: Span & Sons"),
        ("resource", 1, "Li"),
        ("task.baseline", 2, "T2"),
        ("task.constraint", 1, "T2: SNET 2026-01-12T08:00:00"),
        ("task.cost", 1, "T2: 12.5"),
        ("task.deadline", 1, "T3: 2026-02-01T17:00:00"),
        ("task.project-summary", 1, "Bridge"),
        ("task.unknown-field", 1, "T4: Surprise"),
    ];
    assert_eq!(dropped, expected);
    let report = &plan.report;
    let found = [
        report.tasks,
        report.links,
        report.calendars,
        report.baselines,
    ];
    assert_eq!(found, [4, 2, 2, 2]);
}

#[test]
fn blank_and_inactive_rows_are_left_out_and_counted_with_their_links() {
    let tasks = [
        task(1, 1, ""),
        task(2, 1, "<Active>0</Active>"),
        "<Task><UID>3</UID><ID>3</ID><IsNull>1</IsNull></Task>".to_owned(),
        task(4, 1, &(link(2, 1, "") + &link(77, 1, "") + &link(4, 1, ""))),
        task(
            5,
            1,
            &(link(1, 1, "") + &link(1, 1, "<LinkLag>10</LinkLag>")),
        ),
    ]
    .concat();
    let plan = plan(&file(&tasks));
    let uids: Vec<i64> = plan.tasks.iter().map(|task| task.uid).collect();
    assert_eq!(uids, [1, 4, 5]);
    assert_eq!(plan.links.len(), 1);
    for what in [
        "task.inactive",
        "task.blank-row",
        "link.left-out-task",
        "link.unknown-task",
        "link.to-itself",
        "link.repeated",
    ] {
        assert_eq!(dropped(&plan, what), 1, "{what}");
    }
}

#[test]
fn an_outline_that_jumps_is_repaired_and_told() {
    let tasks = task(1, 1, "") + &task(2, 4, "") + &task(3, 2, "");
    let plan = plan(&file(&tasks));
    let parents: Vec<Option<usize>> = plan.tasks.iter().map(|task| task.parent).collect();
    assert_eq!(parents, [None, Some(0), Some(0)]);
    assert_eq!(dropped(&plan, "task.outline-jump"), 1);
}

#[test]
fn a_format_without_unit_takes_the_projects() {
    let fields = "<Duration>PT40H0M0S</Duration><DurationFormat>53</DurationFormat>";
    let duration = only_task(fields).duration.unwrap();
    assert_eq!((duration.unit, duration.estimated), (TimeUnit::Days, true));
    let weeks = HEAD.replace("<DurationFormat>7<", "<DurationFormat>9<");
    let xml = format!("{weeks}<Tasks>{}</Tasks></Project>", task(1, 1, fields));
    assert_eq!(plan(&xml).tasks[0].duration.unwrap().to_string(), "1w?");
}

#[test]
fn seconds_that_minutes_cannot_hold_are_rounded_and_told() {
    let plan = plan(&file(&task(1, 1, "<Duration>PT0H1M36S</Duration>")));
    assert_eq!(plan.tasks[0].duration.unwrap().minutes, 2);
    assert_eq!(dropped(&plan, "task.duration-seconds"), 1);
}

#[test]
fn texts_longer_than_the_plan_holds_are_cut_and_told() {
    let notes = format!("<Notes>{}</Notes>", "长".repeat(10_000));
    let plan = plan(&file(&task(1, 1, &notes)));
    assert!(plan.tasks[0].notes.len() <= crate::limits::NOTES_BYTES_MAX);
    assert_eq!(dropped(&plan, "task.notes-cut"), 1);
}

#[test]
fn utf_8_with_a_mark_and_utf_16_of_both_orders_read_alike() {
    let guid = "<GUID>{9035018B-DAD2-E811-AC3F-4CEDDE6E5B57}</GUID><Tasks>";
    let xml = sample().replace("<Tasks>", guid);
    let plain = plan(&xml);
    let marked = format!("\u{FEFF}{xml}");
    assert_eq!(plan(&marked), plain);
    let wide = xml.replace("UTF-8", "utf-16");
    let little = utf16(&wide, u16::to_le_bytes);
    let big = utf16(&wide, u16::to_be_bytes);
    assert_eq!(read(&little, "").unwrap(), plain);
    assert_eq!(read(&big, "").unwrap(), plain);
    assert_eq!(read(&little[2..], "").unwrap(), plain);
    assert_eq!(read(&big[2..], "").unwrap(), plain);
}

#[test]
fn elements_of_the_root_namespace_are_read_under_any_prefix() {
    let root = "http://schemas.microsoft.com/project";
    let xml = format!(
        "<p:Project xmlns:p=\"{root}\" xmlns:x=\"urn:other\"><x:Tasks><x:Task/></x:Tasks>\
         <p:Tasks><p:Task><p:UID>1</p:UID><p:Name>One</p:Name><p:OutlineLevel>1</p:OutlineLevel></p:Task></p:Tasks></p:Project>"
    );
    let plan = plan(&xml);
    assert_eq!(plan.tasks.len(), 1);
    assert_eq!(plan.tasks[0].name, "One");
}

#[test]
fn a_guid_identifies_the_source_whatever_the_file_is_called() {
    let guid = "<GUID>9035018B-DAD2-E811-AC3F-4CEDDE6E5B57</GUID><Title>";
    let first = plan(&sample().replace("<Title>", guid));
    let renamed = plan(
        &sample()
            .replace("<Title>", guid)
            .replace("bridge.xml", "final.xml"),
    );
    assert_eq!(first.source, renamed.source);
    assert!(!first.needs_confirmation() && plan(&sample()).needs_confirmation());
    let other = guid.replace("5B57", "5B58");
    assert_ne!(
        first.source,
        plan(&sample().replace("<Title>", &other)).source
    );
    let zeros = "<GUID>00000000-0000-0000-0000-000000000000</GUID><Title>";
    assert_eq!(plan(&sample().replace("<Title>", zeros)).guid, None);
}

#[test]
fn without_a_guid_another_file_of_the_same_name_stays_apart() {
    let source = plan(&sample()).source;
    assert_eq!(
        read(sample().as_bytes(), "copy (1).xml").unwrap().source,
        source
    );
    assert_eq!(
        plan(&sample().replace("<PercentComplete>60", "<PercentComplete>70")).source,
        source
    );
    assert_ne!(
        plan(&sample().replace("2026-01-05T08:00:00</C", "2026-01-06T08:00:00</C")).source,
        source
    );
    assert_ne!(
        plan(&sample().replace(">T1<", ">Another first task<")).source,
        source
    );
    let undated = |name: &str| {
        let date = "<CreationDate>2026-01-05T08:00:00</CreationDate>";
        plan(&sample().replace(date, "").replace(">T3<", name)).source
    };
    assert_eq!(undated(">T3<"), undated(">T3<"));
    assert_ne!(undated(">T3<"), undated(">Changed<"));
}

#[test]
fn the_file_name_serves_only_a_plan_without_a_name() {
    let xml = "<Project xmlns=\"http://schemas.microsoft.com/project\"><Name> </Name></Project>";
    assert_eq!(
        read(xml.as_bytes(), "slab.xml").unwrap().source_name,
        "slab.xml"
    );
    assert_eq!(
        plan(&sample().replace("Bridge 桥", "")).source_name,
        "bridge.xml"
    );
}

#[test]
fn progress_ends_at_the_end() {
    let xml = file(&(1..5000).map(|uid| task(uid, 1, "")).collect::<String>());
    let mut seen = Vec::new();
    super::super::read_with(xml.as_bytes(), "", &mut |done, all| seen.push((done, all))).unwrap();
    let all = xml.len() as u64;
    assert!(seen.len() > 1);
    assert!(seen.is_sorted());
    assert_eq!(seen.last(), Some(&(all, all)));
}
