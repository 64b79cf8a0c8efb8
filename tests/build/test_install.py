"""make install: every file in its place, and what is installed runs."""

import shutil
import subprocess

import pytest

from harness.build import ROOT, Build
from harness.stack import Stack


def make(build, dest, target):
    done = subprocess.run(["make", f"BUILD={build.name}", f"DESTDIR={dest}", target], cwd=ROOT,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def dest(build, tmp_path):
    make(build, tmp_path, "install")
    return tmp_path


def place(build, dest, name):
    return dest / build.config[name].lstrip("/")


def files(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_everything_is_installed(build, dest):
    data = place(build, dest, "DATADIR")
    for folder in ("templates", "static", "sql"):
        assert files(data / folder) == files(ROOT / folder)
    assert (data / "country.mmdb").exists() == (build.dir / "countries/country.mmdb").exists()
    assert (place(build, dest, "BINDIR") / "vedette").stat().st_mode & 0o777 == 0o755
    assert (place(build, dest, "LIBDIR") / "ngx_http_vedette_module.so").exists()
    assert (place(build, dest, "SYSCONFDIR") / "config.yml").stat().st_mode & 0o777 == 0o640
    left = [p for p in dest.rglob("*") if p.is_file() and p.suffix in (".service", ".conf")
            and "@" in p.read_text().replace("SystemCallFilter=@", "").replace("~@", "")
            .replace(" @resources", "")]
    assert left == []


def test_the_configuration_is_the_documented_default(build, dest):
    config = place(build, dest, "SYSCONFDIR") / "config.yml"
    printed = subprocess.check_output([build.program, "config"], text=True)
    assert config.read_text() == printed
    assert all(line.startswith("#") or line.endswith(":") for line in
               map(str.strip, printed.splitlines()) if line), "a default is not commented out"


def test_an_edited_configuration_is_kept(build, dest):
    config = place(build, dest, "SYSCONFDIR") / "config.yml"
    config.write_text("# mine\n")
    assert "kept" in make(build, dest, "install")
    assert config.read_text() == "# mine\n"


def test_a_template_that_is_gone_does_not_stay(build, dest):
    old = place(build, dest, "DATADIR") / "templates" / "old.cs"
    old.parent.mkdir(exist_ok=True)
    old.write_text("")
    make(build, dest, "install")
    assert not old.exists()


def test_uninstall_leaves_only_the_configuration(build, dest):
    make(build, dest, "uninstall")
    assert files(dest) == [build.config["SYSCONFDIR"].lstrip("/") + name for name in ("/config.yml", "/secret.key")]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")
@pytest.mark.parametrize("part", ["web", "worker", "spool"])
def test_the_units_leave_little_to_attack(build, dest, part):
    unit = place(build, dest, "UNITDIR") / f"vedette-{part}.service"
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", unit],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-600:] + done.stderr


def test_the_unit_of_the_spool_replays_it_as_the_user_of_nginx(build, dest):
    unit = (place(build, dest, "UNITDIR") / "vedette-spool.service").read_text()
    assert "vedette -c" in unit and "spool replay /var/spool/vedette --follow\n" in unit
    assert "\nUser=www-data\n" in unit and "\nReadWritePaths=-/var/spool/vedette\n" in unit
    assert "/var/spool/vedette" in (place(build, dest, "DATADIR") / "nginx-server.conf").read_text()


class Installed(Build):
    """What `make install` has put there, instead of the build directory."""

    def _copy(self, app):
        subprocess.run(["make", f"BUILD={self.name}", f"DESTDIR={app}", "install"], cwd=ROOT,
                       check=True, stdout=subprocess.DEVNULL)
        data = app / self.config["DATADIR"].lstrip("/")
        self.program = app / self.config["BINDIR"].lstrip("/") / "vedette"
        self.module = app / self.config["LIBDIR"].lstrip("/") / "ngx_http_vedette_module.so"
        self.templates, self.static, self.sql = (data / n for n in ("templates", "static", "sql"))


def test_what_is_installed_runs(build, scratch, cluster, template):
    folder = scratch / "installed"
    folder.mkdir()
    stack = Stack(Installed(build.dir, folder), folder / "stack", cluster, cluster.database(template))
    try:
        stack.start()
        project = stack.create_project()
        stack.wait_for_event(stack.send_event(project))
        css = stack.get("/static/app.css")
        assert css.status_code == 200 and css.headers["Content-Type"] == "text/css"
    finally:
        stack.close()
