"""A slapd of our own: people and groups, on a port of 127.0.0.1, with a certificate for StartTLS."""

import socket
import subprocess

from harness.cluster import make_folder
from harness.part import Part
from harness.stack import free_port

PEOPLE = {  # uid: (name, mail, password)
    "ada": ("Ada Lovelace", "ada@dir.example", "analytical engine"),
    "bob": ("Bob", "bob@dir.example", "b*b(o)b\\"),
    "eve": ("Eve", "eve@dir.example", "apple pie at noon"),
    "gus": ("Gus", "gus@dir.example", "a quiet afternoon"),
    "star*": ("Star", "star@dir.example", "a star is a star"),
}
GROUPS = {"engineering": ["ada", "bob"], "heads": ["ada"], "guests": ["bob"]}

CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCertificateFile {folder}/cert.pem
TLSCertificateKeyFile {folder}/key.pem
database mdb
suffix "dc=example,dc=org"
rootdn "cn=reader,dc=example,dc=org"
rootpw {password}
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,dc=example,dc=org" read by self read by * none
"""


class Directory:
    reader = "cn=reader,dc=example,dc=org"
    password = "the reader's own"

    def __init__(self, build, folder):
        self.folder = folder
        for name in ("", "data"):
            make_folder(build, folder / name)
        self.port = free_port()
        self.url = f"ldap://127.0.0.1:{self.port}"
        self.certificate = folder / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem",
                        "-out", self.certificate], check=True, capture_output=True)
        config = folder / "slapd.conf"
        config.write_text(CONFIG.format(folder=folder, password='"' + self.password + '"'))
        (folder / "start.ldif").write_text(self.entries())
        subprocess.run(["slapadd", "-f", config, "-l", folder / "start.ldif"], check=True, capture_output=True)
        if build.user is not None:
            subprocess.run(["chown", "-R", f"{build.user}:{build.group}", folder], check=True)
        self.part = Part("slapd", ["slapd", "-f", config, "-h", self.url, "-d", "0"], build, folder / "slapd.log",
                         self.answers)
        self.part.start()

    def entries(self):
        parts = ["dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example"]
        parts += [f"dn: ou={ou},dc=example,dc=org\nobjectClass: organizationalUnit\nou: {ou}" for ou in ("people", "groups")]
        for uid, (name, mail, password) in PEOPLE.items():
            parts.append(f"dn: uid={uid},ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {name}\n"
                         f"sn: {name.split()[-1]}\nmail: {mail}\nuserPassword: {password}")
        for group, members in GROUPS.items():
            lines = "\n".join(f"member: uid={uid},ou=people,dc=example,dc=org" for uid in members)
            parts.append(f"dn: cn={group},ou=groups,dc=example,dc=org\nobjectClass: groupOfNames\ncn: {group}\n{lines}")
        return "\n\n".join(parts) + "\n"

    def answers(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self.part.stop()
