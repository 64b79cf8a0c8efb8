<?cs include:"part/macros.cs" ?>
<?cs def:title() ?><?cs var:Error.status ?> <?cs var:Error.reason ?><?cs /def ?>
<?cs def:content() ?><main id="main" class="card stack errp"><p class="errno"><?cs var:Error.status ?></p>
<?cs if:Error.status == #404 && Error.gone == "deleted" ?><h1>The issue was deleted</h1><p class="dim">There was one at <span class="mono u"><?cs var:show(Page.path) ?></span> until somebody deleted it; the audit log says who. A new event of the same kind makes a new issue, unless its events are discarded.</p>
<?cs elif:Error.status == #404 && Error.gone == "issue" ?><h1>The issue is gone</h1><p class="dim">There was one at <span class="mono u"><?cs var:show(Page.path) ?></span>. It had no event any more that is young enough to be kept, or was deleted with many others at once. A new event of the same kind makes a new issue.</p>
<?cs elif:Error.status == #404 ?><h1>No such page</h1><p class="dim">There is nothing at <span class="mono u"><?cs var:show(Page.path) ?></span> that you may see. It may have been deleted, or it belongs to an organisation that you are not a member of.</p>
<?cs elif:Error.status == #403 && Error.wall == "second" ?><h1>A second factor is needed</h1><p class="dim">This organisation asks everybody for one. <a href="/account/security/">Set it up in your account</a>, then come back.</p>
<?cs elif:Error.status == #403 && Error.wall == "address" ?><h1>Not from here</h1><p class="dim">This organisation lets people in from certain addresses only, and yours is none of them.</p>
<?cs elif:Error.status == #403 && Error.wall == "password" ?><h1>Not by a password</h1><p class="dim">This organisation wants you to come by single sign-on. Sign out, and choose it on the sign-in page.</p>
<?cs elif:Error.status == #403 && Error.wall == "system" ?><h1>Not allowed</h1><p class="dim">This is for system administrators: accounts that <code>vedette account create … --superuser</code> has made, and the very first one.</p>
<?cs elif:Error.status == #403 && Error.wall == "sso" ?><h1>Not by this sign-in</h1><p class="dim">You came in by single sign-on of another organisation, which leads into that one only. Sign out, and sign in as you do for this one.</p>
<?cs elif:Error.status == #403 && ?Error.need ?><h1>Not allowed</h1><p class="dim">This needs the role <b><?cs var:tr(Error.need) ?></b> or a higher one; yours is <b><?cs var:tr(Error.role) ?></b>.</p>
<?cs if:subcount(Error.People) ?><p class="dim">Who can give it to you:</p><ul class="plain"><?cs each:p = Error.People ?><li><bdi><?cs var:show(p.name) ?></bdi> <a class="u" href="mailto:<?cs var:part(p.email) ?>"><?cs var:show(p.email) ?></a> <span class="mute small"><?cs var:tr(p.role) ?></span></li><?cs /each ?></ul><?cs else ?><p class="dim">A system administrator can give it to you: nobody else here has it.</p><?cs /if ?>
<?cs elif:Error.status == #403 && Error.wall != "form" ?><h1>Not allowed</h1><p class="dim">This is not yours to do. Nothing was changed.</p>
<?cs elif:Error.status == #403 ?><h1>The form is too old</h1><p class="dim">It did not come from a page of this sign-in, so nothing was changed. Go back, reload the page and send it again.</p>
<?cs elif:Error.status == #405 ?><h1>Not that way</h1><p class="dim">This page cannot be asked for in the way your browser did. Go back and use its links and buttons.</p>
<?cs elif:Error.status == #400 && ?Error.wrong ?><h1>The request cannot be read</h1><p class="dim">The field <span class="mono u"><?cs var:show(Error.wrong) ?></span> of the address or the form is missing, or holds what it cannot. Nothing was changed.</p>
<?cs elif:Error.status == #400 ?><h1>The request cannot be read</h1><p class="dim">The address or the form holds something that is no text, or a field is missing. Nothing was changed.</p>
<?cs elif:Error.status == #409 ?><h1>Changed in the meantime</h1><p class="dim">Somebody else has changed this since you opened the page. Go back and reload it.</p>
<?cs elif:Error.status == #413 ?><h1>Too much at once</h1><p class="dim">A form may hold one megabyte. Nothing was changed.</p>
<?cs elif:Error.status == #429 ?><h1>Too many attempts</h1><p class="dim">Wait a moment, then try again.</p>
<?cs elif:Error.status == #503 && Error.slow ?><h1>That takes too long</h1><p class="dim">The database was stopped before it had the answer, so that others do not wait for it. Ask for less: a project, a shorter time, one condition less.</p>
<?cs elif:Error.status == #503 ?><h1>Back in a moment</h1><p class="dim">The database or Redis does not answer this page. Events are still being received: the edge works without it. Reload in a few seconds.</p>
<?cs elif:Error.status >= #500 ?><h1>Our fault</h1><p class="dim"><?cs if:Error.recorded ?>The request failed. It was recorded as an event of the project for our own errors, whose id is the number below.<?cs else ?>The request failed and was written to the log.<?cs /if ?> Events are still being received: the edge works without this page.</p>
<?cs else ?><h1><?cs var:Error.reason ?></h1><p class="dim">Nothing was changed.</p>
<?cs /if ?><div class="row"><a class="btn btn-primary" href="/<?cs if:?Error.org ?><?cs var:Error.org ?>/<?cs /if ?>"><?cs if:?Error.org ?>Back to the projects<?cs else ?>Back to the start<?cs /if ?></a></div>
<p class="small mute">Request <span class="mono u"><?cs var:Page.request ?></span></p></main><?cs /def ?>
<?cs include:"solo.cs" ?>
