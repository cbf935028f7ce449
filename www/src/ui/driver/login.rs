//! Who the person is to registries, and the way to the one that was asked last.

use lagvis::{
    problem::ProblemKind,
    protocol::{FromSession, Login, Via},
    registry::is_private_way,
};

use super::Driver;
use crate::ui::{logins::For, settings, way};

impl Driver {
    /// The way to the registry that was asked last, and its name.
    pub fn asked_registry(&self) -> Option<(Via, String)> {
        let mut wish = self.held.borrow().last.clone()?;
        let (reference, _) = wish.registry()?;
        Some((way::to(&reference), reference.domain().to_owned()))
    }

    /// Opens what was opened last with a login, which is held in memory until the page is closed.
    ///
    /// # Errors
    /// Why it cannot be sent.
    pub fn log_in(&self, name: &str, password: &str) -> Result<(), String> {
        let login = Login::new(name, password)?;
        let mut wish = self.held.borrow().last.clone().ok_or("Nothing was opened.")?;
        let (reference, _) = wish.registry().ok_or("No registry was asked.")?;
        let via = way::to(&reference);
        let base = via.base(&reference);
        if !is_private_way(&base) {
            return Err(format!(
                "{base} is reached over plain http: a password would travel there for others to read."
            ));
        }
        self.held.borrow_mut().logins.take(For::of(&via, &reference), login);
        self.retry();
        Ok(())
    }

    /// The name that a registry refused last.
    pub fn refused_name(&self) -> Option<String> {
        self.held.borrow().logins.refused()
    }

    /// For what a login is held, with the name.
    pub fn logins(&self) -> Vec<(For, String)> {
        self.held.borrow().logins.list()
    }

    /// Forgets a login.
    pub fn log_out(&self, of: &For) {
        self.held.borrow_mut().logins.forget(of);
    }

    /// A login that a registry refused is of no use any more.
    pub(super) fn refused(&self, event: &FromSession) {
        let FromSession::Failed { problem, .. } = event else { return };
        let of = self.held.borrow().last.clone().and_then(|mut wish| {
            let (reference, _) = wish.registry()?;
            Some(For::of(&way::to(&reference), &reference))
        });
        if let (ProblemKind::LoginRefused, Some(of)) = (problem.kind, of) {
            self.held.borrow_mut().logins.refuse(&of);
        }
    }

    /// Asks registries through the proxy from now on, and opens what was opened last.
    pub fn use_proxy(&self) {
        settings::set_direct(false);
        self.retry();
    }
}
