<nav class="set-nav" aria-label="Settings"><?cs if:May.read_members ?><p class="cap">Organisation</p>
<?cs if:May.write_org ?><a href="/<?cs var:Org.slug ?>/settings/"<?cs if:Set == "general" ?> aria-current="page"<?cs /if ?>>General</a><?cs /if ?>
<a href="/<?cs var:Org.slug ?>/settings/members/"<?cs if:Set == "members" ?> aria-current="page"<?cs /if ?>>Members</a>
<a href="/<?cs var:Org.slug ?>/settings/teams/"<?cs if:Set == "teams" ?> aria-current="page"<?cs /if ?>>Teams</a>
<a href="/<?cs var:Org.slug ?>/settings/roles/"<?cs if:Set == "roles" ?> aria-current="page"<?cs /if ?>>Roles</a><?cs /if ?>
<?cs if:May.write_org ?><a href="/<?cs var:Org.slug ?>/settings/security/"<?cs if:Set == "security" ?> aria-current="page"<?cs /if ?>>Security</a><?cs /if ?>
<?cs if:May.admin_org ?><a href="/<?cs var:Org.slug ?>/settings/sso/"<?cs if:Set == "sso" ?> aria-current="page"<?cs /if ?>>Single sign-on</a><?cs /if ?>
<?cs if:May.write_org ?><a href="/<?cs var:Org.slug ?>/settings/limits/"<?cs if:Set == "limits" ?> aria-current="page"<?cs /if ?>>Limits</a>
<a href="/<?cs var:Org.slug ?>/settings/usage/"<?cs if:Set == "usage" ?> aria-current="page"<?cs /if ?>>Usage</a>
<a href="/<?cs var:Org.slug ?>/settings/data/"<?cs if:Set == "org-data" ?> aria-current="page"<?cs /if ?>>Data and retention</a><?cs /if ?>
<?cs if:May.admin_org ?><a href="/<?cs var:Org.slug ?>/settings/transfers/"<?cs if:Set == "transfers" ?> aria-current="page"<?cs /if ?>>Projects offered</a><?cs /if ?>
<?cs if:May.write_org ?><a href="/<?cs var:Org.slug ?>/settings/import/"<?cs if:Set == "import" ?> aria-current="page"<?cs /if ?>>Import</a><?cs /if ?>
<?cs if:May.write_org ?><a href="/<?cs var:Org.slug ?>/settings/audit/"<?cs if:Set == "audit" ?> aria-current="page"<?cs /if ?>>Audit log</a><?cs /if ?>
<?cs if:?Project.slug ?><p class="cap cut">Project: <?cs var:show(Project.name) ?></p>
<?cs if:May.write_projects ?><a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/settings/"<?cs if:Set == "project" ?> aria-current="page"<?cs /if ?>>Basics</a><?cs /if ?>
<a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/keys/"<?cs if:Set == "keys" ?> aria-current="page"<?cs /if ?>>Client keys</a>
<?cs if:May.write_projects ?><a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/limits/"<?cs if:Set == "project-limits" ?> aria-current="page"<?cs /if ?>>Limits</a><?cs /if ?>
<a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/origins/"<?cs if:Set == "origins" ?> aria-current="page"<?cs /if ?>>Allowed origins</a>
<a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/filters/"<?cs if:Set == "filters" ?> aria-current="page"<?cs /if ?>>Inbound filters</a>
<a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/scrubbing/"<?cs if:Set == "scrubbing" ?> aria-current="page"<?cs /if ?>>Data scrubbing</a>
<a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/grouping/"<?cs if:Set == "grouping" ?> aria-current="page"<?cs /if ?>>Grouping</a>
<a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/ownership/"<?cs if:Set == "ownership" ?> aria-current="page"<?cs /if ?>>Ownership</a>
<a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/code/"<?cs if:Set == "code" ?> aria-current="page"<?cs /if ?>>Repositories and code</a>
<a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/mails/"<?cs if:Set == "mails" ?> aria-current="page"<?cs /if ?>>Alert mails</a>
<a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/tags/"<?cs if:Set == "tags" ?> aria-current="page"<?cs /if ?>>Tags</a>
<a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/environments/"<?cs if:Set == "environments" ?> aria-current="page"<?cs /if ?>>Environments</a>
<a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/life/"<?cs if:Set == "life" ?> aria-current="page"<?cs /if ?>>Life of issues</a>
<a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/data/"<?cs if:Set == "data" ?> aria-current="page"<?cs /if ?>>Data</a>
<a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/access/"<?cs if:Set == "access" ?> aria-current="page"<?cs /if ?>>Access</a>
<?cs if:May.admin_org ?><a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/transfer/"<?cs if:Set == "transfer" ?> aria-current="page"<?cs /if ?>>Move</a><?cs /if ?>
<a href="/<?cs var:Org.slug ?>/projects/<?cs var:Project.slug ?>/getting-started/">Set up</a><?cs /if ?>
<?cs if:May.read_members ?><p class="cap">Connections</p>
<a href="/<?cs var:Org.slug ?>/settings/code/"<?cs if:Set == "org-code" ?> aria-current="page"<?cs /if ?>>Repositories and code</a><?cs /if ?>
<?cs if:May.write_org ?><a href="/<?cs var:Org.slug ?>/settings/integrations/"<?cs if:Set == "integrations" ?> aria-current="page"<?cs /if ?>>Integrations</a><?cs /if ?>
<p class="cap">You</p>
<a href="/account/"<?cs if:Set == "account" ?> aria-current="page"<?cs /if ?>>Account</a>
<a href="/account/notifications/"<?cs if:Set == "notifications" ?> aria-current="page"<?cs /if ?>>Notifications</a>
<a href="/account/security/"<?cs if:Set == "account-security" ?> aria-current="page"<?cs /if ?>>Second factor and logins</a>
<a href="/account/join/"<?cs if:Set == "join" ?> aria-current="page"<?cs /if ?>>Join an organisation</a>
<a href="/account/tokens/"<?cs if:Set == "tokens" ?> aria-current="page"<?cs /if ?>>API tokens</a></nav>
