<?cs def:nav(name, href, icon, word, key) ?><li><a href="<?cs var:href ?>"<?cs if:key ?> data-go="<?cs var:key ?>"<?cs /if ?><?cs if:Page.nav == name ?> aria-current="page"<?cs /if ?>><?cs call:icon(icon) ?><?cs var:word ?><?cs if:?Waiting[name].n ?><span class="count"><?cs var:full(Waiting[name].n) ?><?cs if:Waiting[name].more ?>+<?cs /if ?></span><?cs /if ?></a></li><?cs /def ?>
<nav class="side" id="side" popover aria-label="Main">
  <details class="menu side-sw" name="menu"><summary><?cs call:logo() ?><span class="grow"><b class="cut"><?cs if:?Org.name ?><?cs var:show(Org.name) ?><?cs else ?>Vedette<?cs /if ?></b><small><?cs if:?Project.name ?><span class="cut u"><?cs var:show(Project.name) ?></span><?cs elif:?Org.projects ?><?cs var:full(Org.projects) ?> <?cs var:form(Org.projects, "project|projects") ?><?cs elif:?Org.name ?>Organisation<?cs else ?>No organisation<?cs /if ?></small></span><?cs call:icon("down") ?></summary>
   <div class="menu-pop"><?cs if:subcount(Orgs) ?><p class="menu-cap">Organisation</p><?cs each:o = Orgs ?><a href="/<?cs var:o.slug ?>/" class="menu-item" aria-checked="<?cs if:o.current ?>true<?cs else ?>false<?cs /if ?>" role="menuitemradio"><span class="u"><?cs var:show(o.name) ?></span></a><?cs /each ?>
<?cs /if ?><?cs if:subcount(OrgProjects) ?><hr class="menu-sep"><p class="menu-cap">Jump to project</p><?cs each:p = OrgProjects ?><a href="/<?cs var:Org.slug ?>/projects/<?cs var:p.slug ?>/" class="menu-item"><?cs call:platform(p) ?><span class="u"><?cs var:show(p.name) ?></span><?cs if:p.starred ?><?cs call:icon("star") ?><?cs /if ?></a><?cs /each ?>
<?cs /if ?><?cs if:May.write_projects ?><hr class="menu-sep"><a href="/<?cs var:Org.slug ?>/new-project/" class="menu-item"><?cs call:icon("plus") ?><span>New project</span></a><?cs /if ?></div></details>
<?cs if:?Org.slug ?>  <a class="side-find" href="/<?cs var:Org.slug ?>/issues/#q"><?cs call:icon("search") ?>Search <kbd>/</kbd></a>
<?cs /if ?>  <ul class="side-nav">
<?cs if:?Org.slug ?>    <?cs call:nav("dashboard", "/" + Org.slug + "/dashboard/", "dash", tr("Dashboard"), "d") ?>
    <?cs call:nav("issues", "/" + Org.slug + "/issues/", "issues", tr("Issues"), "i") ?>
    <?cs call:nav("feedback", "/" + Org.slug + "/feedback/", "feedback", tr("Feedback"), "f") ?>
    <?cs call:nav("alerts", "/" + Org.slug + "/alerts/", "bell", tr("Alerts"), "a") ?>
    <li class="cap">Explore</li>
    <?cs call:nav("explore", "/" + Org.slug + "/explore/", "events", tr("Events"), "e") ?>
    <?cs call:nav("projects", "/" + Org.slug + "/projects/", "code", tr("Projects"), "p") ?>
    <li class="cap">Operate</li>
    <?cs call:nav("releases", "/" + Org.slug + "/releases/", "release", tr("Releases"), "r") ?>
    <?cs call:nav("stats", "/" + Org.slug + "/stats/", "stats", tr("Stats"), "") ?>
<?cs /if ?>    <?cs if:?Project.slug ?><?cs call:nav("settings", "/" + Org.slug + "/projects/" + Project.slug + "/keys/", "settings", tr("Settings"), "s") ?><?cs elif:May.read_members ?><?cs call:nav("settings", "/" + Org.slug + "/settings/members/", "settings", tr("Settings"), "s") ?><?cs else ?><?cs call:nav("settings", "/account/", "settings", tr("Settings"), "s") ?><?cs /if ?>
  </ul>
  <details class="menu side-user" name="menu"><summary><span class="av av<?cs var:Me.avatar ?>" aria-hidden="true"><?cs var:initials(Me.name) ?></span><span class="grow"><b class="cut u"><?cs var:show(Me.name) ?></b><small class="cut"><?cs if:?Me.role ?><span class="role"><?cs var:tr(Me.role) ?></span><?cs else ?><?cs var:show(Me.email) ?><?cs /if ?></small></span><?cs call:icon("more") ?></summary>
   <div class="menu-pop"><a href="/account/" class="menu-item"><?cs call:icon("user") ?><span>Your account</span></a>
<button type="button" class="menu-item" popovertarget="kbd"><?cs call:icon("kbd") ?><span>Keyboard shortcuts</span><kbd>?</kbd></button>
<?cs if:Me.system ?><a href="/admin/health/" class="menu-item"><?cs call:icon("server") ?><span>System health</span></a>
<?cs /if ?><form method="post" action="/account/theme/" data-theme-form><?cs call:csrf() ?><input type="hidden" name="next" value="<?cs var:Page.path ?>"><input type="hidden" name="theme" value="<?cs if:Page.theme == "light" ?>dark<?cs elif:Page.theme == "dark" ?>system<?cs else ?>light<?cs /if ?>"><button type="submit" class="menu-item"><?cs call:icon("theme") ?><span>Theme: <span data-theme-name><?cs if:?Page.theme ?><?cs var:Page.theme ?><?cs else ?>system<?cs /if ?></span></span></button></form>
<hr class="menu-sep"><form method="post" action="/logout/"><?cs call:csrf() ?><button type="submit" class="menu-item"><?cs call:icon("hook") ?><span>Sign out</span></button></form>
</div></details>
</nav>
