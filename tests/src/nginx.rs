//! Debian's nginx with a configuration of the test's own.

use std::{
    fs,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result};

use crate::{
    service::{Service, free_port},
    tools,
    workdir::Workdir,
};

/// Programs that it needs.
pub const NEEDS: [&str; 1] = ["nginx"];

/// The module that sends what was packed by brotli (libnginx-mod-http-brotli-static).
pub const BROTLI: &str = "/usr/share/nginx/modules/ngx_http_brotli_static_module.so";

/// A running nginx.
pub struct Nginx {
    service: Service,
    folder: Workdir,
    /// Its address, without a slash at the end.
    pub url: String,
}

impl Nginx {
    /// Starts one. `http` stands in the `http` block, `server` in its only server.
    pub fn start(http: &str, server: &str) -> Result<Self> {
        let folder = Workdir::new()?;
        let port = free_port()?;
        let at = folder.path().display();
        let module = if fs::exists(BROTLI)? { format!("load_module {BROTLI};\n") } else { String::new() };
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary: String = temporary.iter().map(|name| format!("{name}_temp_path {at}/{name};\n")).collect();
        let configuration = format!(
            "{module}user root;\ndaemon off;\nworker_processes auto;\npid {at}/nginx.pid;\nerror_log {at}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{\ninclude /etc/nginx/mime.types;\naccess_log {at}/access.log;\n{temporary}{http}\n\
             server {{\nlisten 127.0.0.1:{port};\n{server}\n}}\n}}\n"
        );
        let file = folder.write("nginx.conf", configuration)?;
        let program = tools::find("nginx").context("nginx")?;
        tools::output(Command::new(&program).args(["-q", "-t", "-e", "stderr", "-c"]).arg(&file))?;
        let mut command = Command::new(program);
        command.args(["-e", "stderr", "-c"]).arg(file).stdout(Stdio::null()).stderr(Stdio::null());
        let mut service = Service::start(&mut command)?;
        service.wait_for_port(port)?;
        Ok(Self { service, folder, url: format!("http://127.0.0.1:{port}") })
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.service.id()
    }

    /// Host and port.
    pub fn host(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Lines of its access log that hold this.
    pub fn logged(&self, what: &str) -> Result<Vec<String>> {
        let log = fs::read_to_string(self.folder.path().join("access.log"))?;
        Ok(log.lines().filter(|line| line.contains(what)).map(str::to_owned).collect())
    }
}
