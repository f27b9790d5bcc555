//! What the security contexts of pods and of containers share: profiles, Windows options, users and groups.

use super::super::names::Form;
use super::super::value::Value;
use super::local_path;

/// The greatest user or group (`IsValidUserID`, `IsValidGroupID`).
const MAX_ID: i64 = i32::MAX as i64;
/// `InclusiveRangeError` of users and groups.
const ID_RANGE: &str = "must be between 0 and 2147483647, inclusive";
/// The types of profiles that seccomp and AppArmor have.
const PROFILES: &[&str] = &["Localhost", "RuntimeDefault", "Unconfined"];
/// A profile's path has at most so many bytes (`PATH_MAX` without its end).
const PROFILE_LIMIT: usize = 4095;
/// The size of a GMSA credential spec (`maxGMSACredentialSpecLength`).
const CREDENTIAL_LIMIT: usize = 64 * 1024;

/// `IsValidUserID` and `IsValidGroupID`, of a number that is given.
pub(in crate::validate) fn user_or_group(id: Value<'_>) {
    if id.opt_int().is_some_and(|id| !(0..=MAX_ID).contains(&id)) {
        id.invalid(ID_RANGE);
    }
}

/// `validateSeccompProfileField`.
pub(in crate::validate) fn seccomp_profile(profile: Value<'_>) {
    if !profile.is_present() {
        return;
    }
    let (kind, local) = (profile.get("type"), profile.get("localhostProfile"));
    match kind.str() {
        "" => kind.required("type is required when seccompProfile is set"),
        name if !PROFILES.contains(&name) => kind.not_supported(PROFILES),
        _ => {}
    }
    match (kind.str() == "Localhost", local.is_present()) {
        (true, true) => local_path::descending(local),
        (true, false) => local.required("must be set when seccomp type is Localhost"),
        (false, true) => profile.named(local.path()).invalid("can only be set when seccomp type is Localhost"),
        (false, false) => {}
    }
}

/// `ValidateAppArmorProfileField`.
pub(in crate::validate) fn app_armor_profile(profile: Value<'_>) {
    if !profile.is_present() {
        return;
    }
    let (kind, local) = (profile.get("type"), profile.get("localhostProfile"));
    match kind.str() {
        "Localhost" => {
            let path = local.str();
            if !local.is_present() {
                local.required("must be set when AppArmor type is Localhost");
            } else if path.trim() != path {
                local.invalid("must not be padded with whitespace");
            } else if path.is_empty() {
                local.required("must be set when AppArmor type is Localhost");
            }
            if path.len() > PROFILE_LIMIT {
                local.too_long(PROFILE_LIMIT);
            }
        }
        "RuntimeDefault" | "Unconfined" if local.is_present() => {
            local.invalid("can only be set when AppArmor type is Localhost");
        }
        "RuntimeDefault" | "Unconfined" => {}
        "" => kind.required("type is required when appArmorProfile is set"),
        _ => kind.not_supported(PROFILES),
    }
}

/// `validateWindowsSecurityContextOptions`.
pub(in crate::validate) fn windows_options(options: Value<'_>) {
    if !options.is_present() {
        return;
    }
    let name = options.get("gmsaCredentialSpecName");
    if name.is_present() {
        name.invalid_each(Form::Subdomain.faults(name.str()));
    }
    let spec = options.get("gmsaCredentialSpec");
    match spec.len() {
        0 if spec.is_present() => spec.invalid("gmsaCredentialSpec cannot be an empty string"),
        length if length > CREDENTIAL_LIMIT => spec.invalid("gmsaCredentialSpec size must be under 64 KiB"),
        _ => {}
    }
    let user = options.get("runAsUserName");
    if user.is_present() {
        windows_user(user);
    }
}

/// A user of Windows, after its domain and a backslash if it has one.
fn windows_user(field: Value<'_>) {
    let text = field.str();
    let mut parts = text.split('\\');
    let (first, second, third) = (parts.next().unwrap_or(""), parts.next(), parts.next());
    let (domain, user) = second.map_or((None, first), |user| (Some(first), user));
    if text.is_empty() {
        return field.invalid("runAsUserName cannot be an empty string");
    } else if text.bytes().any(|byte| byte.is_ascii_control()) {
        return field.invalid("runAsUserName cannot contain control characters");
    } else if third.is_some() {
        return field.invalid("runAsUserName cannot contain more than one backslash");
    }
    if domain.is_some_and(|domain| domain.len() >= 256) {
        field.invalid("runAsUserName's Domain length must be under 256 characters");
    }
    if domain.is_some_and(|domain| !is_net_bios(domain) && !is_windows_dns(domain)) {
        field.invalid("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
    }
    match user.len() {
        0 => field.invalid("runAsUserName's User cannot be empty"),
        105.. => field.invalid("runAsUserName's User length must not be longer than 104 characters"),
        _ => {}
    }
    if !user.is_empty() && user.bytes().all(|byte| matches!(byte, b'.' | b' ')) {
        field.invalid("runAsUserName's User cannot contain only periods or spaces");
    }
    if user.contains(['"', '/', '\\', ':', ';', '|', '=', ',', '+', '*', '?', '<', '>', '@', '[', ']']) {
        field.invalid(r#"runAsUserName's User cannot contain the following characters: "/\:;|=,+*?<>@[]"#);
    }
}

/// `validNetBiosRegex`.
fn is_net_bios(domain: &str) -> bool {
    let forbidden = |letter| matches!(letter, '\\' | '/' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    (1..=15).contains(&domain.chars().count()) && !domain.starts_with('.') && !domain.contains(forbidden)
}

/// `validWindowsUserDomainDNSRegex`.
fn is_windows_dns(domain: &str) -> bool {
    domain.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}
