"""configure on machines that lack something, and on odd input."""

import os
import pwd
import shutil
import subprocess

import pytest

from harness.build import ROOT, read_config_mk


@pytest.fixture
def out(tmp_path, scratch):
    """A build directory for configure to write into; ordinary users may, too."""
    folder = scratch / f"configure-{tmp_path.name}"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


@pytest.fixture
def path_without(scratch):
    """A PATH on which all programs are, but for some."""
    def make(*hidden):
        farm = scratch / ("path-" + "-".join(hidden))
        farm.mkdir(exist_ok=True)
        for folder in os.environ["PATH"].split(":") + ["/usr/bin", "/bin"]:
            for program in os.listdir(folder) if os.path.isdir(folder) else ():
                if program not in hidden and not (farm / program).is_symlink():
                    (farm / program).symlink_to(os.path.join(folder, program))
        return {"PATH": str(farm)}
    return make


def configure(out, *options, env=None, **more):
    return subprocess.run(["sh", "./configure", *options], cwd=more.pop("cwd", ROOT), text=True,
                          capture_output=True, env={**os.environ, "BUILD": str(out), **(env or {})},
                          stdin=subprocess.DEVNULL, **more)


def test_help_names_every_option(out):
    done = configure(out, "--help")
    assert done.returncode == 0
    for option in ("--install-deps", "--with-nginx=DIR", "--prefix=DIR", "--sanitize", "--debug"):
        assert option in done.stdout


def test_summary_tells_what_was_found_and_where(out):
    done = configure(out)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "nginx sources" in done.stdout and "/usr/include/hiredis/hiredis.h" in done.stdout
    config = read_config_mk(out / "config.mk")
    assert config["MODE"] == "release" and config["PREFIX"] == "/usr/local"
    assert os.access(config["NGINX"], os.X_OK)


def test_a_second_run_leaves_the_header_as_it_was(out):
    configure(out)
    before = (out / "config.h").stat().st_mtime_ns
    configure(out)
    assert (out / "config.h").stat().st_mtime_ns == before


def test_options_are_kept_for_make(out):
    configure(out, "--prefix=/opt/vedette", "--debug")
    config = read_config_mk(out / "config.mk")
    assert config["CONFIGURE_ARGS"] == "--prefix=/opt/vedette --debug"
    assert config["SYSCONFDIR"] == "/opt/vedette/etc/vedette"
    configure(out, "--prefix=/usr")
    assert read_config_mk(out / "config.mk")["SYSCONFDIR"] == "/etc/vedette"


@pytest.mark.parametrize("option, sentence", [
    ("--frobnicate", 'unknown option "--frobnicate"'),
    ("--prefix=here", "a path that starts with /"),
    ("--prefix=/a b", "a path with spaces"),
    ("--with-nginx=/nowhere", "no nginx sources"),
    ("install", 'unknown option "install"'),
])
def test_odd_options_get_a_sentence(out, option, sentence):
    done = configure(out, option)
    assert done.returncode == 2
    assert sentence in done.stderr and not (out / "config.mk").exists()


def test_a_folder_with_a_space_is_refused(out, tmp_path):
    odd = tmp_path / "my checkout"
    odd.mkdir()
    shutil.copy(ROOT / "configure", odd)
    done = configure(out, cwd=odd)
    assert done.returncode == 2 and "move the checkout" in done.stderr


def test_a_missing_program_is_named_with_its_package(out, path_without):
    done = configure(out, env=path_without("redis-server"))
    assert done.returncode == 1
    assert "missing: Debian package redis-server" in done.stdout
    assert "./configure --install-deps" in done.stderr
    assert "apt-get install --no-install-recommends redis-server" in done.stderr


def test_building_needs_no_daemons(out, path_without):
    done = configure(out, "--build-only", env=path_without("redis-server"))
    assert done.returncode == 0, done.stderr


def test_a_missing_library_is_named_with_its_package(out, tmp_path):
    # a compiler that does not have jansson
    cc = tmp_path / "cc"
    cc.write_text('#!/bin/sh\ncase "$*" in *-ljansson*) exit 1 ;; esac\nexec gcc "$@"\n')
    cc.chmod(0o755)
    done = configure(out, env={"CC": str(cc)})
    assert done.returncode == 1
    assert "missing: Debian package libjansson-dev" in done.stdout
    assert not (out / "config.mk").exists()


def test_without_a_compiler_headers_are_looked_for_as_files(out):
    done = configure(out, env={"CC": "no-such-compiler"})
    assert done.returncode == 1
    assert "missing: Debian package gcc" in done.stdout
    assert "/usr/include/jansson.h" in done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes an ordinary user, which only root can")
def test_an_ordinary_user_without_sudo_is_told_the_command(out, path_without, scratch):
    # a copy that this user can read, whatever the checkout's folder allows
    copy = scratch / "configure-as-user"
    copy.mkdir()
    shutil.copy(ROOT / "configure", copy)
    nobody = pwd.getpwnam("nobody")
    done = configure(out, "--install-deps", cwd=copy, env=path_without("redis-server", "sudo"),
                     user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])
    assert done.returncode == 1
    assert "there is no sudo" in done.stderr
    assert "apt-get install --no-install-recommends -y redis-server" in " ".join(done.stderr.split())


def test_install_deps_asks_apt_for_just_what_is_missing(out, path_without, tmp_path, scratch):
    if os.geteuid() != 0:
        pytest.skip("plays apt-get, as root")
    # an apt-get that says what it was asked, on a machine where it cannot help
    env = path_without("redis-server", "apt-get", "npm")
    asked = tmp_path / "asked"
    apt = scratch / "path-redis-server-apt-get-npm" / "apt-get"
    apt.write_text(f'#!/bin/sh\necho "$*" >>{asked}\n')
    apt.chmod(0o755)
    done = configure(out, "--install-deps", env=env)
    assert done.returncode == 1
    lines = asked.read_text().splitlines()
    assert lines[-1].endswith("install --no-install-recommends redis-server")
    assert [line for line in lines if "install" in line] == lines[-1:]
    assert "still they do not work" in done.stderr
    assert "No file of countries: npm is not there" in done.stdout
    assert not os.path.exists("/etc/postgresql-common/createcluster.conf.before-vedette")


@pytest.mark.parametrize("npm, there", [
    ('while [ "$1" != --prefix ]; do shift; done; cd "$2" && grep -q sha512- package-lock.json'
     ' && mkdir -p node_modules/@ip-location-db/geo-whois-asn-country-mmdb'
     ' && echo "of npm" >node_modules/@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb', True),
    ("exit 1", False)])
def test_npm_brings_the_file_of_countries_or_one_line_says_that_it_did_not(out, path_without, scratch, npm, there):
    env = path_without("npm")
    program = scratch / "path-npm" / "npm"
    program.write_text(f'#!/bin/sh\n{npm}\n')
    program.chmod(0o755)
    done = configure(out, "--install-deps=test", env=env)
    file = out / "countries" / "country.mmdb"
    assert done.returncode == 0, done.stderr
    assert (file.exists() and file.read_text() == "of npm\n") == there
    assert ("No file of countries: npm's words are in" in done.stdout) != there
    program.write_text("#!/bin/sh\nexit 1\n")  # what is there is not fetched again
    assert ("No file" in configure(out, "--install-deps=test", env=env).stdout) != there


@pytest.mark.slow
def test_the_module_builds_against_other_nginx_sources(build, out, scratch):
    """--with-nginx: the tree is left as it is, and the module fits the same nginx."""
    sources = scratch / "nginx-sources"
    shutil.copytree("/usr/share/nginx/src", sources)
    before = sorted(str(p) for p in sources.rglob("*"))
    done = configure(out, f"--with-nginx={sources}", "--build-only")
    assert done.returncode == 0, done.stderr
    made = subprocess.run(["make", f"BUILD={out}", "module"], cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    assert sorted(str(p) for p in sources.rglob("*")) == before
    conf = scratch / "with-nginx.conf"
    conf.write_text(f"load_module {out}/ngx_http_vedette_module.so;\n"
                    f"pid {scratch}/with-nginx.pid;\nerror_log stderr;\nevents {{}}\n")
    test = subprocess.run([build.tool("NGINX"), "-t", "-c", conf], capture_output=True, text=True)
    assert "test is successful" in test.stderr, test.stderr
