//! IP addresses and ranges (the API server's `ip.go` and `cidr.go`).

use core::net::IpAddr;

use super::{Call, Functions};
use crate::value::{Failure, Outcome, Value, failed, no_such_overload, parse_cidr, parse_ip};

pub(super) const FUNCTIONS: Functions = &[
    ("ip", ip),
    ("isIP", is_ip),
    ("ip.isCanonical", is_canonical),
    ("family", family),
    ("isUnspecified", property),
    ("isLoopback", property),
    ("isLinkLocalMulticast", property),
    ("isLinkLocalUnicast", property),
    ("isGlobalUnicast", property),
    ("cidr", cidr),
    ("isCIDR", is_cidr),
    ("containsIP", contains_ip),
    ("containsCIDR", contains_cidr),
    ("prefixLength", prefix_length),
    ("masked", masked),
];

fn ip(call: &Call<'_>) -> Outcome {
    match call.one()? {
        Value::String(text) => parse_ip(text).map(Value::Ip).map_err(failed),
        Value::Cidr(cidr) => Ok(Value::Ip(cidr.address)),
        _ => Err(call.mismatch()),
    }
}

fn is_ip(call: &Call<'_>) -> Outcome {
    Ok(Value::Bool(parse_ip(call.text()?).is_ok()))
}

fn is_canonical(call: &Call<'_>) -> Outcome {
    let text = call.text()?;
    Ok(Value::Bool(parse_ip(text).map_err(failed)?.to_string() == text))
}

impl Call<'_> {
    fn address(&self) -> Result<IpAddr, Failure> {
        if let [Value::Ip(ip)] = self.args { Ok(*ip) } else { Err(self.mismatch()) }
    }
}

fn family(call: &Call<'_>) -> Outcome {
    Ok(Value::Int(if call.address()?.is_ipv4() { 4 } else { 6 }))
}

fn property(call: &Call<'_>) -> Outcome {
    let ip = call.address()?;
    let link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    Ok(Value::Bool(match call.name {
        "isUnspecified" => ip.is_unspecified(),
        "isLoopback" => ip.is_loopback(),
        "isLinkLocalMulticast" => match ip {
            IpAddr::V4(ip) => matches!(ip.octets(), [224, 0, 0, _]),
            IpAddr::V6(ip) => ip.segments().first().is_some_and(|it| it & 0xff0f == 0xff02),
        },
        "isLinkLocalUnicast" => link_local,
        // As Go has it: private addresses are global, too.
        _ => {
            let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
            !(broadcast || ip.is_unspecified() || ip.is_loopback() || ip.is_multicast() || link_local)
        }
    }))
}

fn cidr(call: &Call<'_>) -> Outcome {
    let parsed = parse_cidr(call.text()?);
    parsed
        .map(Value::Cidr)
        .map_err(|why| failed(format!("network address parse error during conversion from string: {why}")))
}

fn is_cidr(call: &Call<'_>) -> Outcome {
    Ok(Value::Bool(parse_cidr(call.text()?).is_ok()))
}

fn contains_ip(call: &Call<'_>) -> Outcome {
    Ok(Value::Bool(match call.two()? {
        (Value::Cidr(range), Value::Ip(ip)) => range.contains(*ip),
        // The server loses the error of the text on the way.
        (Value::Cidr(range), Value::String(text)) => range.contains(parse_ip(text).map_err(|_| no_such_overload())?),
        _ => return Err(call.mismatch()),
    }))
}

fn contains_cidr(call: &Call<'_>) -> Outcome {
    Ok(Value::Bool(match call.two()? {
        (Value::Cidr(range), Value::Cidr(other)) => range.contains_all(*other),
        (Value::Cidr(range), Value::String(text)) => {
            let why = |why| failed(format!("network address parse error during conversion from string: {why}"));
            range.contains_all(parse_cidr(text).map_err(why)?)
        }
        _ => return Err(call.mismatch()),
    }))
}

fn prefix_length(call: &Call<'_>) -> Outcome {
    let Value::Cidr(range) = call.one()? else { return Err(call.mismatch()) };
    Ok(Value::Int(range.bits.into()))
}

fn masked(call: &Call<'_>) -> Outcome {
    let Value::Cidr(range) = call.one()? else { return Err(call.mismatch()) };
    Ok(Value::Cidr(range.masked()))
}
