use super::super::{Expected, FILE_BYTES_MAX, Reason, TEXT_BYTES_MAX, XML_DEPTH_MAX};
use super::*;
use crate::limits::{DEPTH_MAX, TASKS_MAX};

fn key_of_bytes(bytes: &[u8]) -> &'static str {
    read(bytes, "plan.xml").unwrap_err().key()
}

#[test]
fn declarations_of_entities_and_types_are_refused_with_their_line() {
    let root = "<Project xmlns=\"http://schemas.microsoft.com/project\"><Name>&c;</Name></Project>";
    let bomb = format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE Project [\n<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">\n<!ENTITY c \"&b;&b;\">]>\n{root}"
    );
    let external = format!("<!DOCTYPE p SYSTEM \"file:///etc/passwd\">{root}");
    let lower = format!("<!doctype p>{root}");
    for (xml, line) in [
        (bomb, 2),
        (external, 1),
        (lower, 1),
        ("<!DOCTYPE p [".to_owned(), 1),
    ] {
        let error = refusal(&xml);
        assert_eq!((error.reason, error.line), (Reason::Doctype, line));
    }
    let error = refusal(root);
    assert_eq!(error.reason, Reason::Entity { name: "c".into() });
    assert_eq!(
        (error.line, error.column),
        (1, root.find('&').unwrap() as u64 + 1)
    );
}

#[test]
fn a_broken_value_is_refused_with_line_column_and_field() {
    let xml = file(&task(1, 1, "\n  <Start>2026-02-30T08:00:00</Start>"));
    let error = refusal(&xml);
    let line = xml.lines().position(|line| line.contains("02-30")).unwrap() as u64 + 1;
    assert_eq!((error.line, error.column), (line, 3));
    let reason = Reason::Invalid {
        field: "Start".into(),
        value: "2026-02-30T08:00:00".into(),
        expected: Expected::Date,
    };
    assert_eq!(error.reason, reason);
    assert_eq!(error.key(), "mspdi-invalid-date");
    assert!(error.args().contains(&("field", "Start".to_owned())));
    assert!(error.args().contains(&("line", line.to_string())));
}

#[test]
fn every_kind_of_value_is_checked() {
    for (fields, key) in [
        (
            "<PercentComplete>101</PercentComplete>",
            "mspdi-invalid-number",
        ),
        (
            "<PercentComplete>12.5</PercentComplete>",
            "mspdi-invalid-number",
        ),
        ("<Duration>8 hours</Duration>", "mspdi-invalid-duration"),
        (
            "<Duration>PT99999999999H0M0S</Duration>",
            "mspdi-invalid-duration",
        ),
        ("<DurationFormat>99</DurationFormat>", "mspdi-invalid-code"),
        ("<Milestone>yes</Milestone>", "mspdi-invalid-flag"),
        ("<Deadline>tomorrow</Deadline>", "mspdi-invalid-date"),
        (
            "<Finish>2026-01-01T08:00:00+08:00</Finish>",
            "mspdi-invalid-date",
        ),
        (
            "<ConstraintType>soon</ConstraintType>",
            "mspdi-invalid-number",
        ),
        ("<Manual>1</Manual><Manual>0</Manual>", "mspdi-repeated"),
        ("<Start><Date/></Start>", "mspdi-not-a-value"),
        (
            "<PredecessorLink><Type>1</Type></PredecessorLink>",
            "mspdi-missing",
        ),
        ("<Notes>&#1;</Notes>", "mspdi-bad-character"),
        ("<Notes>&#0;</Notes>", "mspdi-entity"),
        ("<Notes>&nbsp;</Notes>", "mspdi-entity"),
    ] {
        assert_eq!(refusal(&file(&task(1, 1, fields))).key(), key, "{fields}");
    }
    let bad_link = |link: &str| refusal(&file(&(task(1, 1, "") + &task(2, 1, link)))).key();
    assert_eq!(bad_link(&link(1, 7, "")), "mspdi-invalid-code");
    assert_eq!(
        bad_link(&link(1, 1, "<LinkLag>99999999999999</LinkLag>")),
        "mspdi-invalid-number"
    );
    assert_eq!(
        bad_link(&link(1, 1, "<LinkLag>1</LinkLag><LagFormat>2</LagFormat>")),
        "mspdi-invalid-code"
    );
    let wrong_guid = sample().replace("<Title>", "<GUID>not-a-guid</GUID><Title>");
    assert_eq!(refusal(&wrong_guid).key(), "mspdi-invalid-guid");
}

#[test]
fn two_tasks_of_one_uid_are_refused_where_the_second_stands() {
    let xml = file(&(task(5, 1, "") + &task(6, 1, "") + &task(5, 1, "")));
    let error = refusal(&xml);
    assert_eq!(error.reason, Reason::DuplicateUid { uid: 5 });
    assert_eq!(error.line, xml.lines().count() as u64 - 1);
    assert_eq!(error.column, 1);
    let missing = file("<Task><Name>No UID</Name></Task>");
    assert_eq!(refusal(&missing).key(), "mspdi-missing");
}

#[test]
fn endless_nesting_is_refused_at_the_cap() {
    let xml = HEAD.to_owned() + &"<a>".repeat(1_000_000);
    let max = XML_DEPTH_MAX as u64;
    let error = refusal(&xml);
    assert_eq!(error.reason, Reason::TooDeep { max });
    assert_eq!(error.column, 3 * (max - 1) + 1);
    let levels = u32::try_from(DEPTH_MAX).unwrap() + 1;
    let tasks: String = (1..=levels).map(|level| task(level, level, "")).collect();
    assert_eq!(refusal(&file(&tasks)).key(), "mspdi-outline-too-deep");
}

#[test]
fn what_is_too_much_is_refused() {
    let bytes = vec![b' '; FILE_BYTES_MAX + 1];
    assert_eq!(key_of_bytes(&bytes), "mspdi-too-large");
    let tasks = "<Task/>"
        .repeat(TASKS_MAX + 2)
        .replace("<Task/>", "<Task><IsNull>1</IsNull></Task>");
    assert_eq!(refusal(&file(&tasks)).key(), "mspdi-too-many-tasks");
    let notes = format!("<Notes>{}</Notes>", "n".repeat(TEXT_BYTES_MAX + 1));
    let error = refusal(&file(&task(1, 1, &notes)));
    let max = TEXT_BYTES_MAX as u64;
    assert_eq!(
        error.reason,
        Reason::TextTooLong {
            field: "Notes".into(),
            max
        }
    );
    let attributes: String = (0..1000).map(|n| format!(" a{n}=\"\"")).collect();
    assert_eq!(
        refusal(&format!("<Project{attributes}/>")).key(),
        "mspdi-syntax"
    );
}

#[test]
fn broken_xml_is_refused() {
    let whole = sample();
    for (xml, key) in [
        (whole.replace("</Tasks>", "</Task>"), "mspdi-syntax"),
        (whole.replace("</Project>", ""), "mspdi-unclosed"),
        (
            whole.replace("</Project>", "</Project><Project/>"),
            "mspdi-syntax",
        ),
        (
            whole.replace("</Project>", "</Project>tail"),
            "mspdi-syntax",
        ),
        (whole.replace("<Title>", "<Title a=b>"), "mspdi-syntax"),
        (
            whole.replace("<Title>", "<Title a='1' a='2'>"),
            "mspdi-syntax",
        ),
        (whole.replace("<Title>", "< Title>"), "mspdi-syntax"),
        (whole.replace("Sons", "Sons & Co"), "mspdi-syntax"),
        (
            whole.replace("<Title>", "<?xml version='1.0'?><Title>"),
            "mspdi-syntax",
        ),
        ("<".to_owned(), "mspdi-syntax"),
        ("<!-- nothing -->".to_owned(), "mspdi-not-xml"),
    ] {
        assert_eq!(refusal(&xml).key(), key, "{xml}");
    }
    for end in (10..whole.trim_end().len()).filter(|end| whole.is_char_boundary(*end)) {
        assert!(read(&whole.as_bytes()[..end], "").is_err(), "cut at {end}");
    }
}

#[test]
fn what_is_no_project_file_is_refused_with_the_remedy() {
    for (bytes, key) in [
        (
            &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0][..],
            "mspdi-binary-project",
        ),
        (b"PK\x03\x04\xFF\xFE", "mspdi-not-xml"),
        (b"Task,Start\nSurvey,2026-01-05", "mspdi-not-xml"),
        (
            b"<html xmlns=\"http://www.w3.org/1999/xhtml\"></html>",
            "mspdi-wrong-root",
        ),
        (
            b"<Project Sdk=\"Microsoft.NET.Sdk\"></Project>",
            "mspdi-wrong-root",
        ),
    ] {
        let error = read(bytes, "plan.xml").unwrap_err();
        assert_eq!(error.key(), key);
        assert!(error.to_string().contains("Save As"), "{error}");
    }
    assert_eq!(key_of_bytes(b" \n"), "mspdi-empty");
    assert_eq!(key_of_bytes(b""), "mspdi-empty");
}

#[test]
fn other_encodings_and_bytes_outside_their_encoding_are_refused() {
    let gbk = sample().replace("UTF-8", "GBK");
    let declared = "GBK".to_owned();
    assert_eq!(refusal(&gbk).reason, Reason::Encoding { declared });
    let mut latin = sample().replace("UTF-8", "iso-8859-1").into_bytes();
    latin.push(0xE9);
    assert_eq!(key_of_bytes(&latin), "mspdi-encoding");
    // Bytes of one encoding that declare the other.
    assert_eq!(
        refusal(&sample().replace("UTF-8", "UTF-16")).key(),
        "mspdi-encoding"
    );
    assert_eq!(
        key_of_bytes(&utf16(&sample(), u16::to_le_bytes)),
        "mspdi-encoding"
    );

    let mut broken = b"<Project>\n  <Name>ab".to_vec();
    broken.push(0xFF);
    let error = read(&broken, "").unwrap_err();
    assert_eq!((error.line, error.column), (2, 11));
    assert_eq!(error.reason, Reason::BadBytes { encoding: "UTF-8" });
    let mut odd = utf16("<Project/>", u16::to_le_bytes);
    odd.push(b'<');
    assert_eq!(key_of_bytes(&odd), "mspdi-bad-bytes");
    let lone = [0xFF, 0xFE, b'<', 0, 0x00, 0xD8];
    assert_eq!(key_of_bytes(&lone), "mspdi-bad-bytes");
}
