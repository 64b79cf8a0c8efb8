/*
 * Which frames are the application's, and which only lead to the throw, by
 * platform: grouping.md §1.8.  Kept in the language that projects write their
 * own rules in.  An alternative in braces is one rule for many names.
 *
 * Changing a line regroups events: see the version of grouping.
 */

#include "digest/stack_rules_builtin.h"

/* clang-format off */
const char stack_rules_builtin[] =

/* ---- any language: packages that are installed, not written */
"family:other path:**/site-packages/** -app\n"
"family:other path:**/dist-packages/** -app\n"
"family:other path:{/usr/lib/python*/**,/usr/local/lib/**,/usr/local/cellar/**} -app\n"
"family:other path:**/.local/share/** -app\n"
"family:other path:**/vendor/** -app\n"
"family:other path:**/go/pkg/mod/** -app\n"
"family:other path:{**/ruby/gems/**,**/gems/**/lib/**} -app\n"

/* ---- python: how multiprocessing begins a child */
"family:other function:<module> | [ function:spawn_main ] category=internals -app\n"

/* ---- javascript */
"family:javascript path:{**/node_modules/**,node:**,node_modules/**} -app\n"
"family:javascript path:{https://unpkg.com/**,https://cdnjs.cloudflare.com/**,https://cdn.jsdelivr.net/**,https://esm.run/**} -app\n"
"family:javascript module:{@babel/*,core-js/*,regenerator-runtime/*,tslib/*} -app -group\n"
"family:javascript function:{runMicrotasks,queueMicrotask,processTicksAndRejections,runNextTicks,nextTick,_callSuper} -app -group\n"
"family:javascript function:reportError ^-app -app\n"

/* ---- java: by package */
"family:other module:io.sentry.* -app -group\n"
"family:other module:{java.*,javax.*,jdk.*,sun.*,com.sun.*} -app category=std\n"
"family:other module:{android.*,androidx.*,com.android.*,dalvik.system.*} -app category=system\n"
"family:other module:{akka.*,com.fasterxml.*,com.microsoft.*,feign.*,io.opentelemetry.*,oauth.*,org.apache.*,org.glassfish.*,org.jboss.*,org.jdesktop.*,org.postgresql.*,org.springframework.*,org.web3j.*,reactor.core.*,scala.*} -app category=framework\n"
"family:other module:{kotlin.*,kotlinx.*,io.ktor.*,io.netty.*} -app category=framework\n"
"family:other module:java.lang.reflect.* category=indirection\n"

/* ---- go: the runtime and the standard library's own frames */
"family:other function:{runtime.goexit,runtime.main,runtime.gopanic} -app\n"

/* ---- rust */
"family:native function:{std::*,core::*,alloc::*,__rust_*,rust_begin_unwind,_rust_begin_unwind} -app\n"
"family:native function:{std::panicking::begin_panic*,core::panicking::*,failure::backtrace::*,error_chain::make_backtrace*,rust_begin_unwind} ^-group -group ^-app -app\n"
"family:native function:*::panic_fmt ^-app -app\n"

/* ---- native: how one comes to be thrown */
"family:native function:{_CxxThrowException,__cxa_throw,__cxa_rethrow,__assert_rtn,__assert_fail,__assert_fail_base} ^-group -group ^-app -app\n"
"family:native function:{abort,_abort,__abort,raise,gsignal,__GI_raise,__GI_abort,pthread_kill,__pthread_kill,tgkill,terminate,std::terminate,std::__terminate,RaiseException,RtlRaiseException,RtlFailFast2,objc_exception_throw,objc_terminate,_objc_terminate,NSExceptionHandler*,__exceptionPreprocess,__stack_chk_fail,__fortify_fail} category=throw\n"
"family:native category:throw ^-group -group ^-app -app\n"

/* ---- native: what every thread begins with */
"family:native function:{start,_start,__libc_start_main,__libc_start_call_main,__libc_init,_pthread_start,_pthread_body,thread_start,start_thread,clone,__clone,__clone3,BaseThreadInitThunk,RtlUserThreadStart,__RtlUserThreadStart,_RtlUserThreadStart,start_wqthread,_pthread_wqthread,UIApplicationMain,NSApplicationMain,__scrt_common_main*,ThreadPoolExecutor.runWorker} category=threadbase\n"
"family:native category:threadbase -group v-group\n"

/* ---- native: signal handlers and breakpad's kind */
"family:native function:{_sigtramp,__restore_rt,KiUserExceptionDispatcher,KiUserCallbackDispatcher} ^-group -group\n"
"family:native function:{google_breakpad::*,crashpad::*,sentry__*,sentry_handle_*,sentrycrash*,kscrash*,ksmach*,bsg_kscrash*} -app -group\n"

/* ---- native: the system's libraries */
"family:native package:{/lib/**,/lib64/**,/usr/lib/**,/usr/lib64/**,/system/lib*/**,/apex/**,/vendor/lib*/**} category=system\n"
"family:native package:{/system/library/**,/library/developer/**,**/libsystem_*,**/usr/lib/system/**,c:/windows/**} category=system\n"
"family:native package:{libsystem*,uikit,uikitcore,corefoundation,foundation,libobjc*,libdispatch*,libdyld*,dyld} category=system\n"
"family:native function:{memset,memcpy,memmove,strlen,malloc,free,operator?new,operator?delete} category=system\n"
"family:native category:system -app\n"

/* ---- apple: bundles are the application, their Swift libraries are not */
"family:native package:{/var/containers/bundle/application/**,/private/var/containers/bundle/application/**,**.app/contents/**,/users/**} +app\n"
"family:native package:{**/libswift*,**/sentry.framework/**,**/kscrash.framework/**,**/flutter.framework/**,**/.pub-cache/**} -app\n"
;
