//! Devices that come by a code or a recovery kit.

use heqi_replica::{Act, Code, CodeLink, Problem, Reply};

use super::Run;

#[test]
fn a_code_adds_a_device_of_the_same_member_once() {
    let mut run = Run::start(3, &["Ann", "Bob"]);
    run.add(0, "first").unwrap();
    let Ok(Reply::DeviceCode(code)) = run.act(0, Act::OfferDevice { expires_ms: None }) else {
        panic!("no code");
    };
    let typed = Code::parse(&code.typed).unwrap();
    let link = CodeLink::parse(&code.link).unwrap();
    assert!(typed == link.code);
    run.add_device("Ann's phone", &link);
    assert_eq!(run.member(2), run.member(0));
    assert_eq!(run.names_on(2), ["first"]);
    let late = run.add_device_alone("a thief's", &link);
    let status = run.net.devices[late].status.clone().unwrap();
    assert_eq!(status.problem, Some(Problem::Code));
    run.net.cut(late);
    assert_eq!(run.charter().devices().len(), 3);
}

#[test]
fn a_recovery_kit_brings_a_member_back_twice_and_not_after_it_is_withdrawn() {
    let mut run = Run::start(4, &["Ann", "Bob"]);
    run.add(0, "first").unwrap();
    let Ok(Reply::RecoveryKit(kit)) = run.act(0, Act::MakeRecoveryKit) else {
        panic!("no kit");
    };
    let words = Code::parse(&kit.words.join(" ")).unwrap();
    let chinese = Code::parse(&kit.chinese_words.join(" ")).unwrap();
    let link = CodeLink::from_file(&kit.file).unwrap();
    assert!(words == link.code && chinese == link.code);
    run.add_device("Ann's new laptop", &link);
    run.add_device("Ann's newer laptop", &link);
    assert_eq!(run.names_on(3), ["first"]);
    run.act(0, Act::Withdraw(kit.id)).unwrap();
    let late = run.add_device_alone("Ann's third", &link);
    let status = run.net.devices[late].status.clone().unwrap();
    assert_eq!(status.problem, Some(Problem::Code));
    run.net.cut(late);
    run.check();
}
