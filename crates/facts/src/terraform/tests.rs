use seaworthy_document::{Document, read};
use seaworthy_source::{Source, SourceId};

use crate::sites::{Origin, Protocol, Site, sites};
use crate::{ClusterDocument, clusters, location};

/// Files with their names, read.
struct Set {
    names: Vec<String>,
    sources: Vec<Source>,
    documents: Vec<Document>,
}

impl Set {
    fn of(files: &[(&str, &str)]) -> Self {
        let sources: Vec<_> = files.iter().map(|(name, text)| Source::new(*name, *text)).collect();
        let read = sources.iter().enumerate().flat_map(|(at, source)| {
            let id = SourceId(u32::try_from(at).unwrap());
            read(source).into_iter().map(move |it| it.in_source(id))
        });
        let documents: Vec<_> = read.collect();
        for document in &documents {
            assert_eq!(document.errors(), []);
        }
        Self { names: files.iter().map(|it| it.0.to_owned()).collect(), documents, sources }
    }

    fn sites(&self) -> Vec<Site<'_>> {
        sites(&self.documents.iter().collect::<Vec<_>>(), &|source| self.names[source.index()].as_str())
    }

    fn clusters(&self) -> Vec<ClusterDocument<'_>> {
        clusters(&self.documents.iter().collect::<Vec<_>>(), &|source| self.names[source.index()].as_str())
    }

    /// What gates let in: the name, the ports, the ranges with the file and the text they are written as.
    fn gates(&self) -> Vec<String> {
        let mut all = Vec::new();
        for site in self.sites() {
            for gate in &site.gates {
                for it in &gate.ingress {
                    let from: Vec<_> = it.from.iter().map(|it| self.origin(it)).collect();
                    let ports = it.ports.map_or("?".to_owned(), |(first, last)| format!("{first}-{last}"));
                    all.push(format!("{} {ports} {}", gate.name, from.join(" ")));
                }
            }
        }
        all
    }

    fn origin(&self, origin: &Origin<'_>) -> String {
        match origin {
            Origin::Range(range) => {
                let at = location(range.at);
                let source = &self.sources[at.source.index()];
                format!("{}@{}:{}", range.value.as_deref().unwrap_or("?"), source.name(), source.slice(at.span))
            }
            Origin::Gate(_) => "gate".to_owned(),
            Origin::Unknown => "?".to_owned(),
        }
    }
}

/// What an expression is worth, through an attribute that is read as a text.
fn worth(locals: &str, expression: &str) -> Option<String> {
    let text = format!(
        r#"
data "aws_availability_zones" "z" {{}}
locals {{
  {locals}
}}
resource "aws_db_instance" "x" {{
  identifier = {expression}
  engine = "mysql"
}}
"#
    );
    let set = Set::of(&[("main.tf", &text)]);
    let sites = set.sites();
    sites[0].databases[0].identifier.clone()
}

#[test]
fn expressions_are_worth_what_their_literals_say() {
    let locals = "a = \"x\"\nb = [\"p\", \"q\"]\nc = { k = \"v\", n = { m = 1 } }\nt = true\nz = var.nothing";
    for (expression, value) in [
        ("local.a", "x"),
        ("\"${local.a}-y\"", "x-y"),
        ("\"${local.b[1]}\"", "q"),
        ("local.b.0", "p"),
        ("local.c.k", "v"),
        ("local.c[\"k\"]", "v"),
        ("local.c.n.m + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("local.t ? \"yes\" : \"no\"", "yes"),
        ("!local.t || 2 >= 3 ? \"yes\" : \"no\"", "no"),
        ("local.z == null ? \"same\" : \"same\"", "same"),
        ("element(local.b, 3)", "q"),
        ("join(\"-\", concat(local.b, [\"r\"]))", "p-q-r"),
        ("lookup(local.c, \"no\", \"default\")", "default"),
        ("length(local.b)", "2"),
        ("format(\"%s-%d\", local.a, 3)", "x-3"),
        ("cidrsubnet(\"10.0.0.0/16\", 8, 2)", "10.0.2.0/24"),
        ("merge(local.c, { k = \"w\" }).k", "w"),
        ("merge(local.z, local.c).k", "v"),
        ("merge({ \"a-${local.z}\" = 1 }, {}, local.c, { \"a-${local.z}\" = 2 }).k", "v"),
        ("reverse(local.b)[0]", "q"),
        ("sort([\"b\", \"a\"])[0]", "a"),
        ("join(\",\", distinct([\"b\", \"a\", \"b\"]))", "b,a"),
        ("length(toset([\"b\", \"a\", \"b\"]))", "2"),
        ("split(\",\", \"a,b\")[1]", "b"),
        ("try(local.c.k, \"other\")", "v"),
        ("\"$${x}\"", "${x}"),
        ("join(\",\", [for it in local.b : upper(it)])", "P,Q"),
        ("join(\",\", [for at, it in local.b : \"${at}${it}\" if it != \"p\"])", "1q"),
        ("{ for k, v in { x = \"y\" } : v => k }.y", "x"),
        ("length(slice(data.aws_availability_zones.z.names, 0, 3))", "3"),
        (
            "join(\",\", [for k, v in slice(data.aws_availability_zones.z.names, 0, 2) : cidrsubnet(\"10.0.0.0/16\", 4, k)])",
            "10.0.0.0/20,10.0.16.0/20",
        ),
    ] {
        assert_eq!(worth(locals, expression).as_deref(), Some(value), "{expression}");
    }
    for expression in [
        "local.z",
        "\"${local.z}-y\"",
        "var.x",
        "file(\"a\")",
        "[for x in local.z : x][0]",
        "[for x in local.b x][0]",
        "local.none",
        "merge(local.c, local.z).k",
        "merge(local.c, { \"${local.z}\" = 1 }).k",
        "keys(merge(local.z, local.c))[0]",
        "sort([\"b\", local.z])[0]",
        "1 / 0",
        "local.a.b",
        "data.aws_x.y.z",
        "local.t ? local.z : \"a\"",
        "cidrsubnet(\"10.0.0.0/16\", 8, 256)",
    ] {
        assert_eq!(worth(locals, expression), None, "{expression}");
    }
}

#[test]
fn values_come_from_files_before_defaults() {
    let main = "variable \"a\" { default = \"d\" }\nresource \"aws_db_instance\" \"x\" {\n identifier = var.a\n}\n";
    let of = |files: &[(&str, &str)]| Set::of(files).sites()[0].databases[0].identifier.clone();
    assert_eq!(of(&[("m/main.tf", main)]).as_deref(), Some("d"));
    let usual = ("m/terraform.tfvars", "a = \"t\"\n");
    assert_eq!(of(&[("m/main.tf", main), usual]).as_deref(), Some("t"));
    assert_eq!(of(&[("m/main.tf", main), usual, ("m/z.auto.tfvars", "a = \"z\"\n")]).as_deref(), Some("z"));
    assert_eq!(of(&[("m/main.tf", main), ("m/env/prod.tfvars", "a = \"p\"\n")]), None);
    assert_eq!(of(&[("m/main.tf", main), ("other/terraform.tfvars", "a = \"o\"\n")]).as_deref(), Some("d"));
}

#[test]
fn calls_of_local_modules_lead_to_what_the_caller_writes() {
    let module = r#"
variable "rules" {}
variable "ranges" { default = ["10.0.0.0/8"] }
variable "known" {
  default = {
    ssh = [22, "tcp"]
    web = [80, "tcp"]
  }
}
resource "aws_security_group" "it" {
  name = "it"
}
resource "aws_security_group_rule" "in" {
  count = length(var.rules)
  type = "ingress"
  security_group_id = aws_security_group.it.id
  cidr_blocks = ["${var.ranges}"]
  from_port = "${element(var.known[var.rules[count.index]], 0)}"
  to_port = "${element(var.known[var.rules[count.index]], 0)}"
  protocol = "tcp"
}
"#;
    let call = r#"
module "a" {
  source = "../modules/group"
  rules = ["ssh", "web"]
  ranges = ["0.0.0.0/0"]
}
module "b" {
  source = "../modules/group"
  rules = ["ssh"]
}
module "c" {
  source = "../modules/group"
  count = 0
  rules = ["ssh"]
}
"#;
    let set = Set::of(&[("x/modules/group/main.tf", module), ("x/live/main.tf", call)]);
    let mut gates = set.gates();
    gates.sort();
    assert_eq!(
        gates,
        [
            "it 22-22 0.0.0.0/0@x/live/main.tf:\"0.0.0.0/0\"",
            "it 22-22 10.0.0.0/8@x/modules/group/main.tf:\"10.0.0.0/8\"",
            "it 80-80 0.0.0.0/0@x/live/main.tf:\"0.0.0.0/0\"",
        ]
    );
}

#[test]
fn rules_of_groups_in_all_their_forms() {
    let text = r#"
resource "aws_security_group" "g" {
  ingress {
    from_port = 1
    to_port = 2
    protocol = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
  dynamic "ingress" {
    for_each = [3, 4]
    content {
      from_port = ingress.value
      to_port = ingress.value
      protocol = "udp"
      self = true
    }
  }
}
resource "aws_vpc_security_group_ingress_rule" "r" {
  for_each = toset(["10.1.0.0/16"])
  security_group_id = aws_security_group.g.id
  ip_protocol = "-1"
  cidr_ipv4 = each.value
}
resource "aws_security_group_rule" "out" {
  type = "egress"
  security_group_id = aws_security_group.g.id
  cidr_blocks = ["0.0.0.0/0"]
}
module "m" {
  source = "terraform-aws-modules/security-group/aws"
  name = "m"
  ingress_with_cidr_blocks = [{ rule = "ssh-tcp", cidr_blocks = "10.2.0.0/16,10.3.0.0/16" }]
}
"#;
    let set = Set::of(&[("main.tf", text)]);
    assert_eq!(
        set.gates(),
        [
            "g 1-2 10.0.0.0/8@main.tf:\"10.0.0.0/8\"",
            "g 3-3 gate",
            "g 4-4 gate",
            "g 0-65535 10.1.0.0/16@main.tf:toset([\"10.1.0.0/16\"])",
            "m 22-22 10.2.0.0/16@main.tf:\"10.2.0.0/16,10.3.0.0/16\" 10.3.0.0/16@main.tf:\"10.2.0.0/16,10.3.0.0/16\"",
        ]
    );
    let sites = set.sites();
    assert!(sites[0].gates.iter().all(|it| !it.is_open));
    assert_eq!(sites[0].gates[0].ingress[1].protocol, Protocol::Udp);
}

#[test]
fn other_providers_say_it_in_their_own_words() {
    let text = r#"
resource "google_compute_firewall" "f" {
  name = "f"
  allow {
    protocol = "tcp"
    ports = ["22", "8000-8080"]
  }
  source_ranges = ["0.0.0.0/0"]
}
resource "azurerm_network_security_rule" "r" {
  name = "r"
  access = "Allow"
  direction = "Inbound"
  protocol = "*"
  source_address_prefix = "*"
  destination_port_range = "3389"
}
resource "azurerm_network_security_rule" "deny" {
  access = "Deny"
  direction = "Inbound"
}
"#;
    let set = Set::of(&[("main.tf", text)]);
    assert_eq!(
        set.gates(),
        [
            "f 22-22 0.0.0.0/0@main.tf:\"0.0.0.0/0\"",
            "f 8000-8080 0.0.0.0/0@main.tf:\"0.0.0.0/0\"",
            "r 3389-3389 0.0.0.0/0@main.tf:\"*\"",
        ]
    );
}

#[test]
fn the_json_syntax_says_the_same() {
    let text = r#"{"locals": {"r": "0.0.0.0/0"}, "resource": {"aws_security_group": {"g": [{"name": "g",
        "ingress": [{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["${local.r}"]}]}]}}}"#;
    let set = Set::of(&[("main.tf.json", text)]);
    assert_eq!(set.gates(), ["g 22-22 0.0.0.0/0@main.tf.json:\"0.0.0.0/0\""]);
}

#[test]
fn networks_and_what_lies_in_them() {
    let text = r#"
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "s" {
  count = 2
  vpc_id = aws_vpc.v.id
  availability_zone = ["eu-west-1a", "eu-west-1b"][count.index]
  tags = { "kubernetes.io/role/elb" = 1 }
}
resource "aws_nat_gateway" "n" { subnet_id = aws_subnet.s[0].id }
resource "aws_eks_cluster" "c" {
  name = "c"
  vpc_config { subnet_ids = aws_subnet.s[*].id }
}
"#;
    let set = Set::of(&[("main.tf", text)]);
    let sites = set.sites();
    let network = &sites[0].networks[0];
    assert_eq!((network.zones, network.subnets.len(), network.is_open), (2, 2, false));
    assert_eq!(network.gateways.unwrap().value, Some(1));
    assert_eq!(network.subnets[0].tags, [("kubernetes.io/role/elb".to_owned(), "1".to_owned())]);
    assert_eq!(sites[0].clusters[0].network, Some(network.handle));
}

#[test]
fn clusters_with_their_groups() {
    let text = r#"
module "vpc" {
  source = "terraform-aws-modules/vpc/aws"
  cidr = "10.0.0.0/16"
  azs = ["a", "b"]
  private_subnets = ["10.0.1.0/24", "10.0.2.0/24"]
}
module "eks" {
  source = "terraform-aws-modules/eks/aws"
  cluster_name = "shop"
  cluster_version = "1.33"
  subnet_ids = module.vpc.private_subnets
  cluster_addons = { aws-ebs-csi-driver = {} }
  eks_managed_node_groups = {
    one = {
      instance_types = ["m5.large"]
      min_size = 2
      taints = [{ key = "k", effect = "NO_SCHEDULE" }]
    }
  }
}
"#;
    let set = Set::of(&[("main.tf", text)]);
    let clusters = set.clusters();
    let [cluster] = clusters.as_slice() else { panic!("one cluster") };
    assert_eq!(cluster.name.and_then(|it| it.value), Some("shop"));
    assert_eq!(cluster.release(), Some((1, 33)));
    assert_eq!(cluster.worker_zones(), ["a", "b"]);
    assert!(cluster.add_on("aws-ebs-csi-driver").is_some());
    let group = &cluster.groups[0];
    assert_eq!((group.title(), group.is_managed), ("one", true));
    let sizes = [group.min, group.max, group.desired].map(|it| it.unwrap());
    assert_eq!(sizes.map(|it| (it.value, it.is_default)), [(Some(2), false), (Some(3), true), (Some(1), true)]);
    assert_eq!(group.instance_types[0].value, Some("m5.large"));
    let taint = group.taints[0].value.clone().unwrap();
    assert_eq!((taint.key.as_str(), taint.effect.as_str()), ("k", "NoSchedule"));
}

#[test]
fn a_managed_group_of_its_own() {
    let text = r#"
variable "name" { default = "shop" }
resource "aws_eks_cluster" "c" {
  name = var.name
  version = "1.31"
}
resource "aws_eks_node_group" "g" {
  cluster_name = aws_eks_cluster.c.name
  capacity_type = "SPOT"
  labels = { tier = "web" }
  scaling_config {
    min_size = 1
    max_size = 4
    desired_size = var.size
  }
}
resource "helm_release" "m" {
  name = "m"
  chart = "metrics-server"
}
"#;
    let set = Set::of(&[("main.tf", text)]);
    let clusters = set.clusters();
    let group = &clusters[0].groups[0];
    assert_eq!(group.instance_types[0].value, Some("t3.medium"));
    assert_eq!((group.max.unwrap().value, group.desired.unwrap().value), (Some(4), None));
    assert_eq!(group.is_spot.unwrap().value, Some(true));
    assert_eq!(group.labels[0].0, "tier");
    assert!(clusters[0].add_on("metrics-server").is_some());
}

#[test]
fn a_group_in_subnets_of_unknown_zones_may_be_anywhere() {
    let text = r#"
resource "aws_subnet" "a" {
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "b" {}
resource "aws_eks_cluster" "c" {
  name = "shop"
}
resource "aws_eks_node_group" "g" {
  subnet_ids = [aws_subnet.a.id, aws_subnet.b.id, "subnet-1"]
}
"#;
    let set = Set::of(&[("main.tf", text)]);
    let zones: Vec<_> = set.clusters()[0].groups[0].zones.iter().map(|it| it.value).collect();
    assert_eq!(zones, [Some("eu-west-1a"), None, None]);
}

#[test]
fn examples_of_a_module_set_nothing_up() {
    let module = "resource \"aws_db_instance\" \"x\" {}\n";
    let example = "module \"it\" {\n  source = \"../..\"\n}\nresource \"aws_db_instance\" \"y\" {}\n";
    let set = Set::of(&[("m/main.tf", module), ("m/examples/complete/main.tf", example)]);
    assert_eq!(set.sites().iter().map(|it| it.databases.len()).sum::<usize>(), 0);
    let set = Set::of(&[("m/examples/complete/main.tf", example)]);
    assert_eq!(set.sites()[0].databases.len(), 1);
}

#[test]
fn what_leads_back_to_itself_or_grows_without_end_is_unknown() {
    assert_eq!(worth("a = local.b\nb = local.a", "local.a"), None);
    let doubling: String = (1..200).map(|at| format!("l{at} = [local.l{p}, local.l{p}]\n", p = at - 1)).collect();
    assert_eq!(worth(&format!("l0 = [1]\n{doubling}"), "join(\"\", flatten(local.l199))"), None);
    // Each local is found once, so that how deep it lies is no bound.
    let text = |at: usize| format!("l{at} = \"${{local.l{p}}}${{local.l{p}}}\"\n", p = at - 1);
    let each = |at: usize| format!("resource \"aws_db_instance\" \"x{at}\" {{\n  identifier = local.l{at}\n}}\n");
    let locals: String = (1..60).map(text).collect();
    let file = format!("locals {{\nl0 = \"0123456789abcdef\"\n{locals}}}\n{}", (0..60).map(each).collect::<String>());
    let longest =
        |set: &Set| set.sites()[0].databases.iter().filter_map(|it| it.identifier.as_ref()).map(String::len).max();
    assert!(longest(&Set::of(&[("main.tf", &file)])).is_some_and(|it| it < 1 << 20));
    let chain: String = (1..5000).map(|at| format!("l{at} = local.l{}\n", at - 1)).collect();
    assert_eq!(worth(&format!("l0 = \"x\"\n{chain}"), "local.l4999"), None);
    assert_eq!(worth("", &format!("{}1{}", "(".repeat(150), ")".repeat(150))), None);
    assert_eq!(worth("", &"!".repeat(150)), None);
    let call = "module \"a\" {\n  source = \"../b\"\n}\nmodule \"c\" {\n  source = \"./\"\n}\n";
    let back = "module \"a\" {\n  source = \"../a\"\n}\nmodule \"d\" {\n  source = \"../a\"\n}\n";
    Set::of(&[("a/main.tf", call), ("b/main.tf", back), ("r/main.tf", call)]).sites();
    let many = "resource \"aws_db_instance\" \"x\" {\n  count = 1000000000\n}\n";
    assert_eq!(Set::of(&[("main.tf", many)]).sites()[0].databases.len(), 64);
    // Of what many calls make many times nothing is known.
    let made: String = (0..500).map(|at| format!("resource \"aws_db_instance\" \"x{at}\" {{}}\n")).collect();
    let calls: String = (0..500).map(|at| format!("module \"m{at}\" {{\n  source = \"../m\"\n}}\n")).collect();
    let set = Set::of(&[("m/main.tf", &made), ("r/main.tf", &calls)]);
    assert_eq!(set.sites().iter().map(|it| it.databases.len()).sum::<usize>(), 0);
}

/// Expressions of pieces that mean something, in any order: each is worth something or nothing.
#[test]
fn any_expression_is_read_to_an_end() {
    const PIECES: [&str; 40] = [
        "local.a",
        "local.b",
        "var.x",
        "each.value",
        "count.index",
        "aws_vpc.v",
        "data.d.e",
        "module.m.o",
        ".k",
        ".*.id",
        "[*]",
        "[0]",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "for x in ",
        " : ",
        " => ",
        " if ",
        "x",
        "\"",
        "${",
        "\"a\"",
        "1",
        "0.5",
        "true",
        "null",
        " ? ",
        ",",
        "=",
        "==",
        "&&",
        "!",
        "-",
        "join(",
        "element(",
        "...",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let mut read_to_the_end = 0;
    for _ in 0..20_000 {
        let expression: String = (0..=next(9)).map(|_| PIECES[next(PIECES.len())]).collect();
        let text = format!(
            r#"
locals {{
  a = ["p", {{ k = "q" }}]
  b = {{ k = [1] }}
}}
resource "aws_vpc" "v" {{}}
resource "aws_db_instance" "x" {{
  identifier = {expression}
}}
"#
        );
        let source = Source::new("main.tf", text);
        let documents: Vec<_> = read(&source).into_iter().filter(|it| it.errors().is_empty()).collect();
        read_to_the_end += sites(&documents.iter().collect::<Vec<_>>(), &|_| "main.tf").len();
    }
    assert!(read_to_the_end > 1000, "{read_to_the_end}");
}
