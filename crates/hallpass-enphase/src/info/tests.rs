use proptest::prelude::*;

use super::*;

const THREE_PHASE: &str = "<?xml version='1.0' encoding='UTF-8'?>
<envoy_info>
  <time>1691342644</time>
  <device>
    <sn>122100001613</sn>
    <pn>800-00555-r03</pn>
    <software>D7.6.175</software>
    <euaid>4c8675</euaid>
    <imeter>true</imeter>
  </device>
  <web-tokens>true</web-tokens>
  <package name='rootfs'>
    <pn>500-00001-r01</pn>
    <version>02.00.00</version>
  </package>
</envoy_info>
";

fn parse(text: &str) -> Info {
    Info::parse(text.as_bytes()).expect("the document of a gateway")
}

#[test]
fn the_document_of_a_gateway_tells_who_it_is() {
    let info = parse(THREE_PHASE);
    assert_eq!(info.serial_number, "122100001613");
    assert_eq!(info.part_number.as_deref(), Some("800-00555-r03"));
    assert_eq!(info.firmware.to_string(), "7.6.175");
    assert!(info.is_metered && info.web_tokens);
    assert_eq!(info.time.map(Timestamp::as_second), Some(1_691_342_644));
}

#[test]
fn odd_layouts_say_the_same() {
    let expected = parse(THREE_PHASE);
    let layouts = [
        format!("\u{feff}{THREE_PHASE}"),
        THREE_PHASE.replace('\'', "\""),
        THREE_PHASE.replace("  ", "\t").replace('\n', "\r\n"),
        THREE_PHASE.replace("D7.6.175", "\n      D7.6.175\n    "),
        THREE_PHASE.replace("122100001613", "<![CDATA[122100001613]]>"),
        THREE_PHASE.replace("122100001613", "12210000161&#51;"),
        THREE_PHASE.replace("<device>", "<device kind=\"envoy\" odd='&quot;'><!-- here -->"),
        THREE_PHASE.replace("<euaid>4c8675</euaid>", "<euaid/><sn2>1</sn2>"),
        THREE_PHASE.replace("<envoy_info>", "<!DOCTYPE envoy_info><envoy_info>"),
    ];
    for layout in layouts {
        assert_eq!(parse(&layout), expected, "{layout}");
    }
}

#[test]
fn old_firmware_says_less_and_in_another_order() {
    let info = parse(
        "<envoy_info><package name='app'><version>03.07.00</version><pn>500-00002-r01</pn></package>\
         <device><software>R3.7.0</software><sn>121430030548</sn></device></envoy_info>",
    );
    assert_eq!(info.serial_number, "121430030548");
    assert_eq!(info.part_number, None, "a package's part number is not the gateway's");
    assert!(!info.is_metered && !info.web_tokens);
    assert_eq!(info.time, None);
}

#[test]
fn what_could_repaint_a_terminal_is_no_serial_number() {
    let long = "1".repeat(65);
    for odd in ["1&#27;[2K&#13;2", "1&#x9b;2", "1\u{7}2", "1\u{202e}2", "\u{ff11}", &long] {
        let text = THREE_PHASE.replace("122100001613", odd);
        assert_eq!(Info::parse(text.as_bytes()), Err(InfoError::NoSerialNumber), "{odd:?}");
        let text = THREE_PHASE.replace("D7.6.175", &format!("D7.6.{odd}"));
        assert_eq!(Info::parse(text.as_bytes()), Err(InfoError::NoFirmware), "{odd:?}");
    }
}

#[test]
fn serial_numbers_are_opaque_text() {
    let info =
        parse("<envoy_info><device><sn>a&amp;b</sn><software>8.1</software></device></envoy_info>");
    assert_eq!(info.serial_number, "a&b");
}

#[test]
fn what_is_no_gateway_says_why() {
    let deep = format!("<envoy_info>{}", "<a>".repeat(10_000));
    let bomb = "<!DOCTYPE e [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>\
                <envoy_info><device><sn>&b;</sn><software>D8.3</software></device></envoy_info>";
    let table = [
        ("", InfoError::NotXml),
        ("Error: 401", InfoError::NotXml),
        ("{\"error\": \"404 - Not Found\"}", InfoError::NotXml),
        ("<envoy_info><device><sn>1</sn>", InfoError::NotXml),
        ("<envoy_info><device></sn></device></envoy_info>", InfoError::NotXml),
        ("<!DOCTYPE html><html><body>401</body></html>", InfoError::NotAGateway),
        ("<device><sn>1</sn></device>", InfoError::NotAGateway),
        (&deep, InfoError::NotAGateway),
        ("<envoy_info/>", InfoError::NoSerialNumber),
        (
            "<envoy_info><device><sn> </sn><software>D8.3</software></device></envoy_info>",
            InfoError::NoSerialNumber,
        ),
        (bomb, InfoError::NoSerialNumber),
        ("<envoy_info><device><sn>1</sn></device></envoy_info>", InfoError::NoFirmware),
        (
            "<envoy_info><device><sn>1</sn><software>D</software></device></envoy_info>",
            InfoError::NoFirmware,
        ),
    ];
    for (text, expected) in table {
        assert_eq!(Info::parse(text.as_bytes()), Err(expected), "{text:.80}");
    }
    assert_eq!(Info::parse(b"<envoy_info>\xff</envoy_info>"), Err(InfoError::NotXml));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _ = Info::parse(&bytes);
    }

    #[test]
    fn no_document_makes_it_panic(text in "(<(/)?(envoy_info|device|sn|software|time)( a='&[a-z]')?>|[&;#x0-9 ]{0,6}|<!\\[CDATA\\[|\\]\\]>|<!--){0,24}") {
        let _ = Info::parse(text.as_bytes());
    }
}
