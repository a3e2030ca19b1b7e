//! `/info`: who the gateway is.

use super::{Page, View};
use crate::{firmware::Firmware, profile::Generation};

/// Software packages: name, part number, version, build. Old firmware has the first ones only.
const PACKAGES: [(&str, &str, &str, &str); 14] = [
    ("rootfs", "500-00001-r01", "02.00.00", "1210"),
    ("kernel", "500-00011-r02", "04.04.225", "51f0aa"),
    ("boot", "590-00019-r01", "02.00.01", "51f0ab"),
    ("app", "500-00002-r01", "", "51f0ac"),
    ("devimg", "500-00005-r01", "01.02.371", "51f0ad"),
    ("geo", "500-00008-r01", "02.01.24", "51f0ae"),
    ("backbone", "500-00010-r01", "07.00.20", "51f0af"),
    ("meter", "500-00013-r01", "03.02.08", "51f0b0"),
    ("agf", "500-00012-r01", "02.02.00", "51f0b1"),
    ("security", "500-00016-r01", "02.00.00", "51f0b2"),
    ("essimg", "500-00020-r01", "21.19.82", "51f0b3"),
    ("pkgsec", "500-00021-r01", "01.00.00", "51f0b4"),
    ("full", "500-00001-r01", "02.00.00", "1210"),
    ("ffuimg", "500-00022-r01", "01.00.04", "51f0b5"),
];

pub(super) fn page(view: &View<'_>) -> Page {
    let text = document(view);
    if view.profile.quirks.plain_info {
        return Page::plain(text.replace('\'', "\"").replace("  ", "\t"));
    }
    Page::ruby_text("text/xml", text)
}

fn document(view: &View<'_>) -> String {
    let generation = view.profile.generation;
    let imeter = match generation {
        Generation::Three => String::new(),
        _ => format!("    <imeter>{}</imeter>\n", view.profile.metered()),
    };
    let web_tokens =
        if generation >= Generation::Seven { "  <web-tokens>true</web-tokens>\n" } else { "" };
    let (time, serial, part, software) =
        (view.clock.as_second(), view.serial_number, view.profile.part_number, &view.software);
    format!(
        "<?xml version='1.0' encoding='UTF-8'?>
<envoy_info>
  <time>{time}</time>
  <device>
    <sn>{serial}</sn>
    <pn>{part}</pn>
    <software>{software}</software>
    <euaid>4c8675</euaid>
    <seqnum>0</seqnum>
    <apiver>1</apiver>
{imeter}  </device>
{web_tokens}{packages}{build}</envoy_info>
",
        packages = packages(view),
        build = build(view),
    )
}

fn packages(view: &View<'_>) -> String {
    let count = match view.profile.generation {
        Generation::Three => 7,
        Generation::Four => 10,
        Generation::Five => 11,
        Generation::Seven => 13,
        Generation::Eight => 14,
    };
    let (major, minor, number) = Firmware::new(&view.software).numbers();
    let app = format!("{major:02}.{minor:02}.{number}");
    let package = |(name, part, version, build): &(&str, &str, &str, &str)| {
        let version = if version.is_empty() { app.as_str() } else { version };
        let (part, version, build) = (
            format!("    <pn>{part}</pn>\n"),
            format!("    <version>{version}</version>\n"),
            format!("    <build>{build}</build>\n"),
        );
        let children = if view.profile.generation == Generation::Three {
            format!("{version}{part}{build}")
        } else {
            format!("{part}{version}{build}")
        };
        format!("  <package name='{name}'>\n{children}  </package>\n")
    };
    PACKAGES.iter().take(count).map(package).collect()
}

fn build(view: &View<'_>) -> String {
    if view.profile.generation == Generation::Three {
        return String::new();
    }
    let release = if view.profile.since >= (7, 3, 130) {
        "    <release_ver>02.00.4238</release_ver>\n    <release_stage>700-GA</release_stage>\n"
    } else {
        ""
    };
    format!(
        "  <build_info>
    <build_id>simulated:pkg-Jun-22-23-18:55:22</build_id>
    <build_time_gmt>1687460237</build_time_gmt>
{release}  </build_info>
"
    )
}
