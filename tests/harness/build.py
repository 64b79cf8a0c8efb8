"""What was built: the build directory, as the parts of a test see it.

The daemons run as another user than root (PostgreSQL insists), and that user
need not be able to read the checkout.  So a session works on a copy of what
`make install` would install.
"""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

REDIS_PARTS = "edge", "spool", "worker", "web", "admin"


def read_config_mk(path):
    """The lines "NAME := value" that configure has written."""
    pairs = (line.split(":=", 1) for line in path.read_text().splitlines() if ":=" in line)
    return {name.strip(): value.strip() for name, value in pairs}


class Build:
    """The program, the module and their files, readable for `self.user`."""

    def __init__(self, build_dir, scratch):
        self.dir = Path(build_dir).resolve()
        # as make is told: an absolute name would be another build to it
        self.name = os.path.relpath(self.dir, ROOT) if self.dir.is_relative_to(ROOT) else str(self.dir)
        config = self.dir / "config.mk"
        if not (self.dir / "vedette").exists():
            raise RuntimeError(f"{self.dir}/vedette is not there: run make first")
        self.config = read_config_mk(config)
        self.sanitized = self.config["MODE"] == "sanitize"
        self.user = self.group = None
        if os.geteuid() == 0:
            entry = next(e for e in map(_user, ("postgres", "nobody")) if e)
            self.user, self.group = entry.pw_uid, entry.pw_gid
        app = Path(scratch) / "app"
        self._copy(app)
        self._users_of_redis(app)

    def _copy(self, app):
        app.mkdir(mode=0o755)
        for name in ("vedette", "ngx_http_vedette_module.so"):
            if (self.dir / name).exists():
                shutil.copy(self.dir / name, app)
        for name in ("templates", "static", "sql"):
            if (ROOT / name).exists():
                shutil.copytree(ROOT / name, app / name)
        subprocess.run(["chmod", "-R", "u=rwX,go=rX", app], check=True)
        self.program = app / "vedette"
        self.module = app / "ngx_http_vedette_module.so"
        self.templates = app / "templates"
        self.static = app / "static"
        self.sql = app / "sql"

    def _users_of_redis(self, app):
        """Each part signs in to Redis as its own user; a test as the default one, who may do all."""
        self.redis_users, self.redis_acl = app / "redis.users", app / "redis.acl"
        self.redis_users.write_text("".join(f"{part} secret-of-{part}\n" for part in REDIS_PARTS))
        said = subprocess.run([self.program, "redis", "acl"], check=True, capture_output=True, text=True,
                              env={**self.environment(), "VEDETTE_REDIS_USERS": str(self.redis_users)}).stdout
        assert "user default off ~* &* +@all\n" in said
        self.redis_acl.write_text(said.replace("user default off", "user default on nopass"))
        for path in (self.redis_users, self.redis_acl):
            path.chmod(0o644)  # the parts run as another user

    def tool(self, name):
        """The path of a program that configure found: NGINX, REDIS_SERVER..."""
        return self.config[name]

    def pg(self, name):
        return os.path.join(self.config["PG_BIN"], name)

    def environment(self, part=None):
        """Sanitizers stop the process at the first finding, and say so."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("VEDETTE_")}
        env["TZ"] = "UTC"
        if not self.sanitized:
            return env
        env["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
        leaks = 0 if part == "nginx" else 1
        env["ASAN_OPTIONS"] = f"detect_leaks={leaks}:abort_on_error=1:disable_coredump=1"
        env["LSAN_OPTIONS"] = f"suppressions={ROOT}/tests/lsan.supp:print_suppressions=0"
        if part == "nginx":
            # nginx itself is not built with ASan: its runtime must come first
            libs = [subprocess.check_output([self.config["CC"], f"-print-file-name={lib}"],
                                            text=True).strip()
                    for lib in ("libasan.so", "libubsan.so")]
            env["LD_PRELOAD"] = " ".join(libs)
        return env


def _user(name):
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
