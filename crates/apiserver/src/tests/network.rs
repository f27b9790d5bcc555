//! Services, what stands before and behind them, and access: objects, what servers say, and where versions differ.

use seaworthy_object::{Version, Versions};

use super::judged_in;

/// What servers of a version say, a line each.
fn said(minor: u8, text: &str) -> Vec<String> {
    let said = judged_in(text, Versions::one(Version::minor_of(minor)));
    said.into_iter().map(|it| format!("{}: {}", it.field, it.detail)).collect()
}

/// Whether servers of a version say these lines and no others, in this order; a line may end before theirs does.
pub(super) fn says(minor: u8, text: &str, lines: &[&str]) {
    let said = said(minor, text);
    let same = said.len() == lines.len() && said.iter().zip(lines).all(|(said, line)| said.starts_with(line));
    assert!(same, "1.{minor} of {text}\nwanted {lines:#?}\nsaid {said:#?}");
}

fn service(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {spec}\n")
}

#[test]
fn services() {
    let duplicate = "spec.ports[1]: Duplicate value: ";
    for (spec, lines) in [
        ("{ports: [{port: 80}]}", &[][..]),
        ("{}", &["spec.ports: Required value"]),
        ("{type: Web, clusterIP: None}", &["spec.type: Unsupported value: \"Web\""]),
        ("{type: ExternalName}", &["spec.externalName: Required value"]),
        (
            "{type: NodePort, clusterIP: None}",
            &["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None'"],
        ),
        (
            "{ports: [{port: 0, targetPort: '', nodePort: 1}]}",
            &[
                "spec.ports[0].port: Invalid value: 0: must be between",
                "spec.ports[0].targetPort: Invalid value: 0: must be between",
                "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
            ],
        ),
        (
            "{ports: [{port: 1, name: a}, {port: 1, name: a}]}",
            &["spec.ports[1].name: Duplicate value: \"a\"", duplicate],
        ),
        (
            "{type: NodePort, ports: [{port: 1, name: a}, {port: 1, name: b}]}",
            &["spec.ports[1].nodePort: Duplicate value: 32769", duplicate],
        ),
        (
            "{type: NodePort, ports: [{port: 1, name: a, nodePort: 31000}, {port: 2, nodePort: 31000}]}",
            &["spec.ports[1].nodePort: Invalid value: 31000: provided port is already allocated"],
        ),
        (
            "{loadBalancerSourceRanges: [' 10.0.0.0/8 ', x], ports: [{port: 1}]}",
            &[
                "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
                "spec.LoadBalancerSourceRanges[1]: Invalid value: \"x\": must be a valid CIDR value",
            ],
        ),
        (
            "{externalTrafficPolicy: Local, ports: [{port: 1}]}",
            &["spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally"],
        ),
    ] {
        says(37, &service(spec), lines);
    }
}

#[test]
fn what_a_service_cannot_be_given_is_said_alone() {
    for (spec, lines) in [
        ("{clusterIP: x, type: Web}", &["spec.clusterIPs[0]: Invalid value: \"x\": must be a valid IP address"][..]),
        (
            "{clusterIPs: [10.0.0.1]}",
            &["spec.clusterIPs: Invalid value: [\"10.0.0.1\"]: must be empty when `clusterIP`"],
        ),
        (
            "{ipFamilies: [IPv4, IPv6]}",
            &["spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack'"],
        ),
        (
            "{clusterIP: 10.0.0.1, ipFamilies: [IPv6]}",
            &["spec.clusterIPs[0]: Invalid value: \"10.0.0.1\": expected an IPv6 value as indicated"],
        ),
    ] {
        says(37, &service(spec), lines);
    }
}

#[test]
fn addresses_that_newer_servers_do_not_take() {
    let text = service("{externalIPs: [010.0.0.1], ports: [{port: 1}]}");
    says(36, &text, &["spec.externalIPs[0]: Invalid value: \"010.0.0.1\": must not have leading 0s"]);
    says(35, &text, &["spec.externalIPs[0]: spec.externalIPs[0]: non-standard IP address \"010.0.0.1\" will"]);
    says(32, &text, &["spec.externalIPs[0]: spec.externalIPs[0]: IP address was accepted, but will be invalid"]);
    let text = service("{type: LoadBalancer, loadBalancerIP: web, ports: [{port: 10250}]}");
    says(33, &text, &[]);
    says(32, &text, &["spec.ports[0]: Invalid value: 10250: may not expose port 10250"]);
    let text = text.replace("10250", "1");
    says(32, &text, &["spec.loadBalancerIP: spec.loadBalancerIP: IP address was accepted, but will be invalid in a"]);
    let name = "apiVersion: v1\nkind: Service\nmetadata: {name: 0a}\nspec: {ports: [{port: 1}]}\n";
    says(36, name, &[]);
    says(35, name, &["metadata.name: Invalid value: \"0a\": a DNS-1035 label"]);
}

#[test]
fn a_port_as_go_prints_it() {
    let text = service("{ports: [{port: 1, name: a}, {port: 1, name: b}]}");
    let json = "{\"Name\":\"\",\"Protocol\":\"TCP\",\"AppProtocol\":null,\"Port\":1,\"TargetPort\":0,\"NodePort\":0}";
    says(34, &text, &[&format!("spec.ports[1]: Duplicate value: {json}")]);
    says(
        33,
        &text,
        &["spec.ports[1]: Duplicate value: core.ServicePort{Name:\"\", Protocol:\"TCP\", AppProtocol:(*string)"],
    );
}

#[test]
fn endpoints() {
    let text = "apiVersion: v1\nkind: Endpoints\nmetadata: {name: web}\n\
        subsets:\n- {}\n- addresses: [{ip: 127.0.0.1}, {ip: x}]\n  ports: [{port: 1}, {port: 2, name: b}]\n";
    let deprecated = "apiVersion: v1 Endpoints is deprecated in v1.33+";
    says(
        37,
        text,
        &[
            &deprecated.replace("apiVersion: ", ": "),
            "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`",
            "subsets[1].addresses[0].ip: Invalid value: \"127.0.0.1\": may not be in the loopback range",
            "subsets[1].addresses[1].ip: Invalid value: \"x\": must be a valid IP address, (e.g.",
            "subsets[1].addresses[1].ip: Invalid value: \"x\": must be a valid IP address",
            "subsets[1].ports[0].name: Required value",
        ],
    );
    let slice = |kind: &str, addresses: &str| {
        format!(
            "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {{name: web, generation: -1}}\n\
             addressType: {kind}\nendpoints: [{{addresses: [{addresses}]}}]\n"
        )
    };
    says(37, &slice("IPv4", ""), &["endpoints[0].addresses: Required value"]);
    assert_eq!(
        said(36, &slice("IPv4", "")),
        ["endpoints[0].addresses: Required value: must contain at least 1 address"]
    );
    says(
        37,
        &slice("IPv4", "'fd00::1'"),
        &["endpoints[0].addresses: Invalid value: \"fd00::1\": must be an IPv4 address"],
    );
    says(
        32,
        &slice("IPv4", "'fd00::1'"),
        &["endpoints[0].addresses[0]: Invalid value: \"fd00::1\": must be a valid IPv4"],
    );
    says(
        37,
        &slice("IPv6", "'FD00::1'"),
        &["endpoints[0].addresses[0]: Invalid value: \"FD00::1\": must be in canonical"],
    );
    says(
        37,
        &slice("FQDN", "web"),
        &["endpoints[0].addresses[0]: Invalid value: \"web\": should be a domain with at least"],
    );
}

#[test]
fn ingresses() {
    let ingress = |spec: &str| {
        format!("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: web}}\nspec: {spec}\n")
    };
    let path = |item: &str| ingress(&format!("{{rules: [{{http: {{paths: [{item}]}}}}]}}"));
    let at = "spec.rules[0].http.paths[0]";
    says(37, &ingress("{}"), &["spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"]);
    says(33, &ingress("{}"), &["spec: Invalid value: []networking.IngressRule(nil): either `defaultBackend` or"]);
    says(
        37,
        &ingress("{rules: [{host: 10.0.0.1}]}"),
        &["spec.rules[0].host: Invalid value: \"10.0.0.1\": must be a DNS"],
    );
    says(
        37,
        &ingress("{rules: [{host: '*.*.a'}]}"),
        &["spec.rules[0].host: Invalid value: \"*.*.a\": a wildcard DNS-1123"],
    );
    says(37, &path("{}"), &[&format!("{at}.pathType: Required value: pathType must be specified")]);
    let backend = "backend: {service: {name: web, port: {number: 80}}}";
    says(37, &path(&format!("{{pathType: Prefix, path: /a, {backend}}}")), &[]);
    says(
        37,
        &path(&format!("{{pathType: Exact, path: a/.., {backend}}}")),
        &[
            &format!("{at}.path: Invalid value: \"a/..\": must be an absolute path"),
            &format!("{at}.path: Invalid value: \"a/..\": cannot end with '/..'"),
        ],
    );
    for (backend, words) in [
        ("{}", "backend: Invalid value: \"\": resource or service backend is required"),
        ("{service: {name: a}}", "backend: Required value: port name or number is required"),
        ("{service: {name: a, port: {name: b, number: 1}}}", "backend: Invalid value: \"\": cannot set both port name"),
        ("{service: {name: a, port: {name: A}}}", "backend.service.port.name: Invalid value: \"A\": must contain only"),
    ] {
        let text = path(&format!("{{pathType: Exact, path: /, backend: {backend}}}"));
        assert!(said(37, &text)[0].starts_with(&format!("{at}.{words}")), "{:?}", said(37, &text));
    }
    let annotated = ingress("{defaultBackend: {resource: {kind: A, name: b}}}")
        .replace("name: web", "name: web, annotations: {kubernetes.io/ingress.class: nginx}");
    let warning =
        "metadata.annotations[kubernetes.io/ingress.class]: annotation \"kubernetes.io/ingress.class\" is deprecated";
    says(37, &annotated, &[warning]);
}

#[test]
fn network_policies() {
    let policy = |peer: &str, port: &str| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: web}}\n\
             spec: {{podSelector: {{}}, ingress: [{{from: [{peer}], ports: [{port}]}}]}}\n"
        )
    };
    let (peer, port) = ("spec.ingress[0].from[0]", "spec.ingress[0].ports[0]");
    says(37, &policy("{}", ""), &[&format!("{peer}: Required value: must specify a peer")]);
    says(
        37,
        &policy("{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/9, 10.1.0.0/16]}, podSelector: {}}", ""),
        &[
            &format!("{peer}.ipBlock.except[0]: Invalid value: \"11.0.0.0/9\": must be a strict subset of `cidr`"),
            &format!("{peer}: Forbidden: may not specify both ipBlock and another peer"),
        ],
    );
    says(
        35,
        &policy("{ipBlock: {cidr: 10.1.0.0/8}}", ""),
        &[&format!(
            "{peer}.ipBlock.cidr: {peer}.ipBlock.cidr: CIDR value \"10.1.0.0/8\" is ambiguous in this context (should \
             be \"10.0.0.0/8\" or \"10.1.0.0/32\"?)"
        )],
    );
    let range = policy("", "{port: 5, endPort: 4}");
    says(37, &range, &[&format!("{port}.endPort: Invalid value: 4: must be greater than or equal to `port`")]);
    says(36, &range, &[&format!("{port}.endPort: Invalid value: 5: must be greater than or equal to `port`")]);
    says(
        37,
        &policy("", "{protocol: tcp}"),
        &[&format!("{port}.protocol: Unsupported value: \"tcp\": supported values: \"TCP\", \"UDP\", \"SCTP\"")],
    );
}

#[test]
fn roles_and_bindings() {
    let object = |kind: &str, body: &str| {
        format!("apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: 'a:B'}}\n{body}\n")
    };
    let verbs = object("Role", "rules: [{apiGroups: [''], resources: [pods]}]");
    assert_eq!(said(37, &verbs), ["rules[0].verbs: Required value"]);
    assert_eq!(said(36, &verbs), ["rules[0].verbs: Required value: verbs must contain at least one value"]);
    says(
        37,
        &object("Role", "rules: [{verbs: [get], nonResourceURLs: [/a]}]"),
        &["rules[0].nonResourceURLs: Invalid value: [\"/a\"]: namespaced rules cannot apply to non-resource URLs"],
    );
    says(
        37,
        &object("ClusterRole", "aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: '-'}}]}"),
        &[
            "aggregationRule.clusterRoleSelectors[0].matchLabels: Invalid value: \"-\": a valid label must be",
            "aggregationRule.clusterRoleSelectors[0]: Invalid value: null: invalid label selector.",
        ],
    );
    let binding = "roleRef: {kind: Role, name: x}\nsubjects: [{kind: ServiceAccount, name: a}, {kind: Robot, name: b}]";
    says(
        37,
        &object("RoleBinding", binding),
        &["subjects[1].kind: Unsupported value: \"Robot\": supported values: \"Serv"],
    );
    says(
        37,
        &object("ClusterRoleBinding", binding),
        &[
            "roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\"",
            "subjects[0].namespace: Required value",
            "subjects[1].kind: Unsupported value: \"Robot\"",
        ],
    );
}

#[test]
fn priority_levels() {
    let level = |spec: &str| {
        format!(
            "apiVersion: flowcontrol.apiserver.k8s.io/v1\nkind: PriorityLevelConfiguration\nmetadata: {{name: a}}\n\
             spec: {spec}\n"
        )
    };
    let limited = |response: &str| level(&format!("{{type: Limited, limited: {{limitResponse: {response}}}}}"));
    let response = "spec.limited.limitResponse";
    says(
        37,
        &limited("{type: Queue, queuing: {queues: 5}}"),
        &[&format!("{response}.queuing.handSize: Invalid value: 8: should not be greater than queues (5)")],
    );
    says(
        37,
        &limited("{type: Queue, queuing: {queues: 100, handSize: 10}}"),
        &[&format!(
            "{response}.queuing.handSize: Invalid value: 10: required entropy bits of deckSize 100 and handSize 10"
        )],
    );
    let both = level("{type: Limited, limited: {limitResponse: {type: Reject}}, exempt: {}}");
    assert_eq!(said(37, &both), ["spec.exempt: Forbidden"]);
    assert_eq!(said(36, &both), ["spec.exempt: Forbidden: must be nil if the type is Limited"]);
    let none = level("{}");
    says(36, &none, &["spec.type: Required value"]);
    says(35, &none, &["spec.type: Unsupported value: \"\": supported values: \"Exempt\", \"Limited\""]);
}

#[test]
fn other_kinds_of_the_network_and_of_access() {
    for (text, lines) in [
        (
            "apiVersion: networking.k8s.io/v1\nkind: IPAddress\nmetadata: {name: 010.0.0.1}\nspec: {}\n",
            &["metadata.name: Invalid value: \"010.0.0.1\": must not have leading 0s", "spec.parentRef: Required"][..],
        ),
        (
            "apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: a}\n\
             spec: {cidrs: [10.0.0.0/8, 11.0.0.0/8]}\n",
            &["spec.cidrs: Invalid value: [\"10.0.0.0/8\",\"11.0.0.0/8\"]: may specify no more than one IP"],
        ),
        (
            "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: a}\nspec: {controller: a}\n",
            &["spec.controller: Invalid value: \"a\": must be a domain-prefixed path (such as \"acme.io/foo\")"],
        ),
        (
            "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1.b}\n\
             spec: {group: a, version: v1, groupPriorityMinimum: 1, versionPriority: 1}\n",
            &["metadata.name: Invalid value: \"v1.b\": must be `spec.version+\".\"+spec.group`: \"v1.a\""],
        ),
        (
            "apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nmetadata: {name: 'A/b'}\n\
             spec: {request: aGk=, signerName: a.b/c, usages: [any, any]}\n",
            &[
                "spec.request: Invalid value: \"aGk=\": PEM block type must be CERTIFICATE REQUEST",
                "spec.usages[1]: Duplicate value: \"any\"",
            ],
        ),
        (
            "apiVersion: authorization.k8s.io/v1\nkind: SubjectAccessReview\nspec: {user: a}\n",
            &["spec: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be"],
        ),
        (
            "apiVersion: authentication.k8s.io/v1\nkind: TokenReview\nmetadata: {name: '/'}\nspec: {}\n",
            &[": token is required for TokenReview in authentication"],
        ),
    ] {
        says(37, text, lines);
    }
}
