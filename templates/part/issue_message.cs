<?cs # Message: shown, Text (a value), written (before its parameters), Param ?>
<?cs if:Message.shown ?><section class="sec" id="message"><div class="sec-h"><h2>Message</h2></div><p class="u pre"><?cs call:value(Message.Text) ?></p><?cs if:?Message.written ?><details class="small"><summary class="mute">Parameters</summary><dl class="kv"><dt>Template</dt><dd class="u-mono pre"><?cs var:show(Message.written) ?></dd><?cs call:facts(Message.Param) ?></dl></details><?cs /if ?></section>
<?cs /if ?>
