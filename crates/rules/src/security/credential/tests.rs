//! What is a credential, and what only looks like one.

use super::*;

fn kind(name: &str) -> Option<Kind> {
    Kind::named(name, &[])
}

#[test]
fn names_that_hold_one() {
    for name in [
        "DB_PASS",
        "MYSQL_ROOT_PASSWORD",
        "adminPassword",
        "database.password",
        "PGPASSWORD",
        "rootpassword",
        "PASSWORD_2",
        "db-pwd",
        "password1",
        "DBPassword",
    ] {
        assert_eq!(kind(name), Some(Kind::Password), "{name}");
    }
    for (name, wanted) in [
        ("GITHUB_TOKEN", Kind::Token),
        ("authToken", Kind::Token),
        ("K3S_TOKEN", Kind::Token),
        ("CLIENT_SECRET", Kind::Secret),
        ("API_KEY", Kind::Key),
        ("AWS_SECRET_ACCESS_KEY", Kind::Key),
        ("SECRET_KEY_BASE", Kind::Key),
        ("apikey", Kind::Key),
        ("MINIO_SECRET_KEY", Kind::Key),
    ] {
        assert_eq!(kind(name), Some(wanted), "{name}");
    }
    assert_eq!(Kind::named("APP_LICENCE", &["licence".to_owned()]), Some(Kind::Password));
}

#[test]
fn names_that_do_not() {
    for name in [
        "SECRET_NAME",
        "PASSWORD_FILE",
        "passwordKey",
        "tokenRef",
        "ALLOW_EMPTY_PASSWORD",
        "AWS_ACCESS_KEY_ID",
        "MINIO_ACCESS_KEY",
        "existingSecret",
        "imagePullSecret",
        "BYPASS",
        "COMPASS",
        "topologyKey",
        "publicKey",
        "ETCD_INITIAL_CLUSTER_TOKEN",
        "MAX_TOKENS",
        "PASSWORD_LENGTH",
        "DB_URI",
        "",
        "automountServiceAccountToken",
    ] {
        assert_eq!(kind(name), None, "{name}");
    }
}

#[test]
fn texts_that_are_one() {
    for text in ["changeme", "password", "123456", "prom-operator", "hunter2", "P@ss/word", "a.b"] {
        assert!(Kind::Password.is_held_by(text), "{text}");
    }
    for text in ["minio123", "9f86d081884c7d65", "dGhpcyBpcyBh0", "s3cr3tt0k3n"] {
        assert!(Kind::Key.is_held_by(text), "{text}");
    }
}

#[test]
fn texts_that_are_none() {
    for text in [
        "",
        "  ",
        "yes",
        "True",
        "null",
        "12",
        "$(DB_PASSWORD)",
        "${PASS}",
        "$PASS",
        "{{ .Values.pass }}",
        "<password>",
        "YOUR_PASSWORD",
        "your-password-here",
        "REPLACE_ME",
        "xxxxxx",
        "****",
        "/run/secrets/db",
        "./pw",
        "C:\\pw",
        "http://vault:8200",
        "vault:secret/db#pass",
        "arn:aws:secretsmanager:x",
        "ENC[AES256]",
        "PASSWORD",
        "two words",
        "$2a$10$abc",
        "DB_PASSWORD",
        "%s",
        "string",
        "replace-me-please",
        "[redacted]",
    ] {
        assert!(!Kind::Password.is_held_by(text), "{text}");
    }
    for text in ["grafana-admin", "my-tls-v2", "mySecretName", "12345678", "short1", "kube-system/s3-login"] {
        assert!(!Kind::Secret.is_held_by(text), "{text}");
    }
}

fn found(text: &str) -> Vec<(Kind, &str, &str)> {
    find_in(text, false, &[]).into_iter().map(|it| (it.kind, it.name, text.get(it.at).unwrap())).collect()
}

#[test]
fn in_longer_texts() {
    let pass = Kind::Password;
    assert_eq!(found("a=1\nspring.password=hunter2\n"), [(pass, "spring.password", "hunter2")]);
    assert_eq!(found("  password: 'a b'\n  token: x"), []);
    assert_eq!(found("db:\n  password: hunter2 # yes"), [(pass, "password", "hunter2")]);
    assert_eq!(found(r#"{"user":"a","password":"hunter2","x":1}"#), [(pass, "password", "hunter2")]);
    assert_eq!(found("jdbc:mysql://db/x?user=a&password=hunter2&y=1"), [(pass, "password", "hunter2")]);
    assert_eq!(found("--db-password=hunter2"), [(pass, "db-password", "hunter2")]);
    assert_eq!(found("mysql -u root --password hunter2 db"), [(pass, "password", "hunter2")]);
    assert_eq!(found("db: {password: hunter2}"), [(pass, "password", "hunter2")]);
    assert_eq!(found("dsn=shop:hunter2@tcp(db:3306)/shop"), [(Kind::Url, "", "hunter2")]);
    assert_eq!(found("x postgres://u:p4ss@db:5432/x y"), [(Kind::Url, "", "p4ss")]);
    assert_eq!(found("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n").len(), 1);
    assert_eq!(found(&format!("curl -H ghp_{}", "a1".repeat(18))).len(), 1);
}

#[test]
fn not_in_longer_texts() {
    for text in [
        "# password=hunter2",
        "password: the one you chose",
        "password=$(cat /run/pw)",
        "PASSWORD=${PASSWORD:-secret}",
        "password == other",
        "password := hunter2",
        "http://db:5432/x",
        "redis://:$(PASS)@r",
        "git@host:me/x.git",
        "mongodb://$[username]:$[password]@$[host]/",
        "http://<user>:<password>@h",
        "password=get()",
        "token: token",
        "-- password=hunter2",
        "http://USER:PASSWORD@host",
        "password=password",
        "if (password = value)",
        "shop:$(PW)@tcp(db:3306)/shop",
        "shop@tcp(db)/x",
        "password:",
        "--password-file /x",
        "a ghp_xxxx",
        "postgres://u@h/x",
        "password: *anchor",
        "password: |",
        "password=>x",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
    assert_eq!(find_in("password = getpass", true, &[]), []);
    assert_eq!(find_in("password = 'hunter2'", true, &[]).len(), 1);
}
