<?cs def:lang(id, word) ?><input class="sr" type="radio" name="lang" id="lang-<?cs var:id ?>"<?cs if:Setup.lang == id ?> checked<?cs /if ?>><label for="lang-<?cs var:id ?>"><?cs var:word ?></label><?cs /def ?>
<div class="snips"><?cs call:lang("python", "Python") ?><div class="codebox"><pre id="s-python" tabindex="0"><span class="cm"># pip install sentry-sdk</span>
import sentry_sdk

sentry_sdk.init(
    dsn="<?cs var:Setup.dsn ?>",
    release="<?cs var:Setup.slug ?>@1.0.0",
    environment="production",
)</pre><?cs call:copy("#s-python") ?></div><?cs call:lang("javascript", "JavaScript") ?><div class="codebox"><pre id="s-javascript" tabindex="0"><span class="cm">// npm install @sentry/browser, or @sentry/node on a server</span>
import * as Sentry from "@sentry/browser";

Sentry.init({
  dsn: "<?cs var:Setup.dsn ?>",
  release: "<?cs var:Setup.slug ?>@1.0.0",
  environment: "production",
});</pre><?cs call:copy("#s-javascript") ?></div><?cs call:lang("java", "Java") ?><div class="codebox"><pre id="s-java" tabindex="0"><span class="cm">// io.sentry:sentry</span>
Sentry.init(options -&gt; {
  options.setDsn("<?cs var:Setup.dsn ?>");
  options.setRelease("<?cs var:Setup.slug ?>@1.0.0");
  options.setEnvironment("production");
});</pre><?cs call:copy("#s-java") ?></div><?cs call:lang("go", "Go") ?><div class="codebox"><pre id="s-go" tabindex="0"><span class="cm">// go get github.com/getsentry/sentry-go</span>
err := sentry.Init(sentry.ClientOptions{
&#9;Dsn:         "<?cs var:Setup.dsn ?>",
&#9;Release:     "<?cs var:Setup.slug ?>@1.0.0",
&#9;Environment: "production",
})
if err != nil {
&#9;log.Fatal(err)
}
defer sentry.Flush(2 * time.Second)</pre><?cs call:copy("#s-go") ?></div><?cs call:lang("php", "PHP") ?><div class="codebox"><pre id="s-php" tabindex="0"><span class="cm">// composer require sentry/sentry</span>
\Sentry\init([
    'dsn' =&gt; '<?cs var:Setup.dsn ?>',
    'release' =&gt; '<?cs var:Setup.slug ?>@1.0.0',
    'environment' =&gt; 'production',
]);</pre><?cs call:copy("#s-php") ?></div><?cs call:lang("native", "C") ?><div class="codebox"><pre id="s-native" tabindex="0"><span class="cm">/* sentry-native */</span>
sentry_options_t *options = sentry_options_new();
sentry_options_set_dsn(options, "<?cs var:Setup.dsn ?>");
sentry_options_set_release(options, "<?cs var:Setup.slug ?>@1.0.0");
sentry_options_set_environment(options, "production");
sentry_init(options);</pre><?cs call:copy("#s-native") ?></div><?cs call:lang("other", tr("Any other")) ?><div class="codebox"><pre id="s-other" tabindex="0"><span class="cm"># Every SDK that speaks Sentry's protocol takes the DSN, most of them from here:</span>
export SENTRY_DSN="<?cs var:Setup.dsn ?>"
export SENTRY_RELEASE="<?cs var:Setup.slug ?>@1.0.0"
export SENTRY_ENVIRONMENT="production"</pre><?cs call:copy("#s-other") ?></div></div>
