//! Claims of devices, their classes, taints and slices.

use super::network::says;

fn claim(devices: &str) -> String {
    format!(
        "apiVersion: resource.k8s.io/v1\nkind: ResourceClaim\nmetadata: {{name: a}}\nspec: {{devices: {devices}}}\n"
    )
}

#[test]
fn claims() {
    let at = "spec.devices.requests[0]";
    for (devices, lines) in [
        ("{requests: [{name: a, exactly: {deviceClassName: a}}]}", vec![]),
        (
            "{requests: [{name: a}]}",
            vec![format!("{at}: Required value: exactly one of `exactly` or `firstAvailable`")],
        ),
        (
            "{requests: [{name: a, exactly: {allocationMode: All, count: 2}}]}",
            vec![
                format!("{at}.exactly.deviceClassName: Required value"),
                format!("{at}.exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'"),
            ],
        ),
        (
            "{requests: [{name: a, firstAvailable: [{name: x, deviceClassName: a}]}], constraints: [{requests: [a/y], \
             matchAttribute: b.c/d}]}",
            vec![
                "spec.devices.constraints[0].requests[0]: Invalid value: \"a/y\": must be the name of a request".into(),
            ],
        ),
        ("{config: [{}]}", vec!["spec.devices.config[0].opaque: Required value".into()]),
    ] {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        says(37, &claim(devices), &lines);
        says(34, &claim(devices), &lines);
    }
}

#[test]
fn the_same_name_twice_is_said_in_three_ways() {
    let text =
        claim("{requests: [{name: a, exactly: {deviceClassName: b}}, {exactly: {deviceClassName: c}, name: a}]}");
    let whole =
        "{\"name\":\"a\",\"exactly\":{\"deviceClassName\":\"c\",\"allocationMode\":\"ExactCount\",\"count\":1}}";
    says(37, &text, &[&format!("spec.devices.requests[1]: Duplicate value: {whole}")]);
    says(36, &text, &["spec.devices.requests[1]: Duplicate value: \"a\""]);
    says(34, &text, &["spec.devices.requests[1].name: Duplicate value: \"a\""]);
}

#[test]
fn words_of_the_types() {
    let attribute = claim("{constraints: [{matchAttribute: a}]}");
    let domain = "spec.devices.constraints[0].matchAttribute: Invalid value: \"a\": ";
    says(35, &attribute, &[&format!("{domain}a fully qualified name must be")]);
    says(34, &attribute, &[&format!("{domain}must include a domain")]);
    let driver = claim("{config: [{opaque: {driver: A_, parameters: {a: b}}}]}");
    let field = "spec.devices.config[0].opaque.driver: Invalid value: \"A_\": ";
    says(37, &driver, &[&format!("{field}an RFC 1123 subdomain must consist of alphanumeric characters")]);
    says(36, &driver, &[&format!("{field}a lowercase RFC 1123 subdomain")]);
    let class =
        "apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: a}\nspec: {extendedResourceName: cpu}\n";
    says(37, class, &["spec.extendedResourceName: Invalid value: \"cpu\": a name must be a domain-prefixed path"]);
    says(36, class, &["spec.extendedResourceName: Invalid value: \"cpu\": must be a valid extended resource name"]);
    says(35, class, &[]);
}

#[test]
fn slices() {
    let slice = |spec: &str| {
        format!(
            "apiVersion: resource.k8s.io/v1\nkind: ResourceSlice\nmetadata: {{name: a}}\n\
             spec: {{driver: a, pool: {{name: a, resourceSliceCount: 1}}, {spec}}}\n"
        )
    };
    says(
        37,
        &slice("nodeName: a, allNodes: true"),
        &["spec: Invalid value: \"{`nodeName`, `allNodes`}\": exactly one of"],
    );
    let device = |device: &str| slice(&format!("nodeName: a, devices: [{{name: d, {device}}}]"));
    says(
        37,
        &device("attributes: {x: {int: 1, version: 1.0.0-a.1+b}}"),
        &["spec.devices[0].attributes[x]: Invalid value: \"{int, version}\": must specify exactly one of: `int`"],
    );
    says(
        37,
        &device("attributes: {x: {version: 1.0}}").replace("1.0", "'1.0'"),
        &["spec.devices[0].attributes[x].version: Invalid value: \"1.0\": must be a string compatible with semver.org"],
    );
    let policy = device(
        "allowMultipleAllocations: true, capacity: {x: {value: 10, requestPolicy: {default: 2, \
        validRange: {min: 1, step: 3}}}}",
    );
    let step = "spec.devices[0].capacity[x].requestPolicy.validRange.step";
    says(
        37,
        &policy,
        &[&format!("{step}: Invalid value: \"2\": value is not a multiple of a given step (3) from (1)")],
    );
    says(35, &policy, &[]);
}

#[test]
fn the_bounds_of_a_request_are_numbers_that_servers_reckon_with() {
    let policy = |capacity: &str, policy: &str| {
        format!(
            "apiVersion: resource.k8s.io/v1\nkind: ResourceSlice\nmetadata: {{name: a}}\n\
             spec:\n  driver: a\n  pool: {{name: a, resourceSliceCount: 1}}\n  nodeName: a\n  devices:\n  \
             - name: d\n    allowMultipleAllocations: true\n    capacity: {{x: {{value: {capacity}, \
             requestPolicy: {policy}}}}}\n"
        )
    };
    let at = "spec.devices[0].capacity[x].requestPolicy.validRange";
    let most = "must not be larger than 9223372036854775807";
    let wide =
        |step: &str| policy("10000000000000000000", &format!("{{default: 0, validRange: {{min: 0, step: {step}}}}}"));
    says(37, &wide("9223372036854775807"), &[]);
    says(37, &wide("9223372036854775808"), &[&format!("{at}.step: Invalid value: \"9223372036854775808\": {most}")]);
    says(
        37,
        &policy("10", "{default: 2, validRange: {min: -1, step: 1}}"),
        &[&format!("{at}.min: Invalid value: \"-1\": must be greater than or equal to 0")],
    );
}

#[test]
fn what_selects_devices_must_be_a_truth() {
    let class = |expression: &str| {
        format!(
            "apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {{name: a}}\n\
             spec: {{selectors: [{{cel: {{expression: \"{expression}\"}}}}]}}\n"
        )
    };
    let at = "spec.selectors[0].cel.expression: Invalid value: ";
    says(37, &class("device.attributes['a.b'].model == 'x'"), &[]);
    says(
        37,
        &class("device.driver"),
        &[&format!("{at}\"device.driver\": must evaluate to bool or the unknown type, not")],
    );
    says(
        37,
        &class("device.name == 'a'"),
        &[&format!("{at}\"device.name == 'a'\": compilation failed: ERROR: <input>:1:7:")],
    );
    says(36, &class("device.allowMultipleAllocations"), &[]);
    let field = "undefined field 'allowMultipleAllocations'";
    says(
        35,
        &class("device.allowMultipleAllocations"),
        &[&format!("{at}\"device.allowMultipleAllocations\": compilation failed: ERROR: <input>:1:7: {field}")],
    );
}
