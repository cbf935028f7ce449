//! Logins: held in memory until the page is closed or loaded anew, each for one registry on one way. They go to the
//! session's workers and from there to the registry or proxy, and nowhere else.

use std::collections::BTreeMap;

use lagvis::{
    image::Reference,
    protocol::{Login, Via},
};

/// For what a login is: the proxy that it goes through (none: directly), and the registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct For {
    /// Base URL of the proxy.
    pub proxy: Option<String>,
    /// The registry.
    pub registry: String,
}

impl For {
    /// A registry on a way.
    pub fn of(via: &Via, reference: &Reference) -> Self {
        let proxy = match via {
            Via::Proxy { base } => Some(base.clone()),
            Via::Direct { .. } => None,
        };
        Self { proxy, registry: reference.domain().to_owned() }
    }
}

/// The logins that are held.
#[derive(Default)]
pub struct Logins {
    held: BTreeMap<For, Login>,
    /// The name that was refused last: it is most likely right.
    refused: Option<String>,
}

impl Logins {
    /// Takes one.
    pub fn take(&mut self, of: For, login: Login) {
        self.refused = None;
        self.held.insert(of, login);
    }

    /// The one to use.
    pub fn get(&self, of: &For) -> Option<Login> {
        self.held.get(of).cloned()
    }

    /// Forgets one.
    pub fn forget(&mut self, of: &For) {
        self.held.remove(of);
    }

    /// One was refused: it is of no use.
    pub fn refuse(&mut self, of: &For) {
        self.refused = self.held.remove(of).map(|login| login.name().to_owned());
    }

    /// The name that was refused last.
    pub fn refused(&self) -> Option<String> {
        self.refused.clone()
    }

    /// For what there are any, with the name.
    pub fn list(&self) -> Vec<(For, String)> {
        self.held.iter().map(|(of, login)| (of.clone(), login.name().to_owned())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_for_one_registry_on_one_way() {
        let reference = |text: &str| Reference::parse(text).unwrap();
        let proxy = |base: &str| Via::Proxy { base: base.to_owned() };
        let of = |via: &Via, text: &str| For::of(via, &reference(text));
        let mut logins = Logins::default();
        let login = Login::new("anna", "pw").unwrap();
        logins.take(of(&proxy("https://a/"), "ghcr.io/x/y"), login.clone());
        assert_eq!(logins.get(&of(&proxy("https://a/"), "ghcr.io/z:1")), Some(login));
        assert_eq!(logins.get(&of(&proxy("https://b/"), "ghcr.io/x/y")), None, "another proxy");
        assert_eq!(logins.get(&of(&proxy("https://a/"), "busybox")), None, "another registry");
        assert_eq!(logins.get(&of(&Via::Direct { plain_http: false }, "ghcr.io/x/y")), None, "another way");
        logins.refuse(&of(&proxy("https://a/"), "ghcr.io/x/y"));
        assert_eq!((logins.list(), logins.refused()), (Vec::new(), Some("anna".to_owned())));
    }
}
