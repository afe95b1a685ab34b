import{b as Q,e as V,h as Y,i as Z,o as tt,p as x}from"./chunk-27RTQAVN.js";import{A as S,C as k,L as r,P as p,a as H,b,d as F,e as U,f as G,g as z,h as W,i as q,j as B,k as X,o as K,q as a,r as l,s as J,t as P,w as m,x as _,y as g,z as j}from"./chunk-MDBE6VA6.js";var C="chatapp:assistant",T=class{sessionId="";#i;#s;#t;constructor({getToken:t,useCookies:e=!1,storage:n},i){this.isAnonymous=!t&&!e,this.#s=n===void 0?vt():n,this.#i=i,this.#t=e?"/api/v2/assistant":"/api"}get canConnect(){return!this.isAnonymous||this.sessionId!==""}async address(){let t=`${this.#i.baseUrl.replace(/^http/,"ws")}/api/chat/ws`;return this.isAnonymous?`${t}?session_id=${encodeURIComponent(this.sessionId)}`:`${t}?ticket=${await this.#i.ticket()}`}open(t){return this.#e("POST",`${this.#t}/sessions`,{body:t?{item:t}:{}})}async find(t){let e=t??this.#s?.getItem(C);try{if(this.isAnonymous&&e){let[i]=e.split(".");this.sessionId=e;let o=await this.session("GET"),u=await this.#e("POST",`${this.#t}/sessions/sign`,{body:{session_id:i}});return o.ended_at?null:{...o,...u,expires_at:o.expires_at}}if(this.isAnonymous)return null;if(t)return await this.#e("GET",`${this.#t}/sessions/${t}`);if(e)return await this.claim();let[n]=(await this.list({limit:1})).sessions;return n&&!n.ended_at?n:null}catch(n){if(!(n instanceof b))throw n;return this.forget(),e&&!this.isAnonymous&&!t?this.find():null}}list(t){return this.#e("GET",`${this.#t}/sessions`,{query:t})}async claim(){let t=this.#s?.getItem(C)??this.sessionId,[e]=t.split("."),n=`${this.#t}/sessions/${e}/claim`,i=await this.#e("POST",n,{headers:{"X-Session-ID":t}});return this.forget(),i}use(t){if(this.sessionId=this.isAnonymous?t.signed_session_id??this.sessionId:t.session_id,!!this.isAnonymous)try{this.#s?.setItem(C,this.sessionId)}catch{}}forget(){this.sessionId="",this.#s?.removeItem(C)}session(t,e="",n){let[i]=this.sessionId.split(".");return this.#e(t,`${this.#t}/sessions/${i}${e}`,{body:n,headers:this.#a()})}message(t,e,n={}){return this.#e(t,`${this.#t}/chat/messages${e}`,{body:n,headers:this.#a()})}history(t,e){return this.#e("GET",`${this.#t}/chat/messages`,{query:t,signal:e,headers:this.#a()})}after(t){let e={after_id:t};return this.#e("GET",`${this.#t}/chat/messages/after`,{query:e,headers:this.#a()})}#a(){return{"X-Session-ID":this.sessionId}}#e(t,e,n){return this.#i.call(t,e,{...n,isBare:!0})}};function vt(){try{return globalThis.localStorage??null}catch{return null}}var O=class{session=null;answer=null;isHumanTyping=!1;hasOlder=!1;#i=new Map;#s=null;#t=0;#a=0;#e;constructor(t){this.#e=t}get messages(){return this.#s??=[...this.#i.values()].sort((t,e)=>t.seq-e.seq),this.#s}reset(t){this.session=t,this.#i.clear(),this.#s=null,this.hasOlder=(t?.message_count??0)>0,this.isHumanTyping=!1,this.#l(null),this.#e("session"),this.#e("messages")}update(t){this.session&&(this.session={...this.session,...t}),this.#e("session")}put(t){let e=this.#i.get(t.id);e&&e.updated_at>=t.updated_at||(this.#i.set(t.id,t),this.#s=null,this.#e("messages",t.id),t.answer_id&&t.answer_id===this.answer?.answer_id&&this.#l(null))}apply(t){let{type:e,message:n,state:i}=t;if(n&&this.put(n),e==="assistant.message")return(!this.answer?.answer_id||this.answer.answer_id===t.answer_id)&&this.#l(null),!0;if(e==="assistant.delta")this.#u(t,o=>o+t.delta,t.index===1?0:this.#a);else if(e==="assistant.partial")this.#u(t,()=>t.text,t.index-1);else if(e==="typing")this.#c(t);else if(e==="session.handover"){let o=i==="released"?null:i;this.update({handover:o,responder:i==="accepted"?"human":i==="released"?"assistant":this.session?.responder})}else e==="session.ended"&&this.update({ended_at:new Date().toISOString()});return!1}endAnswer(){this.#l(null)}#u({answer_id:t,attempt:e,index:n},i,o){if([...this.#i.values()].some(d=>d.answer_id===t))return;let u=this.answer?.answer_id===t&&this.#t===e;u&&(n<=this.#a||o!==n-1)||!u&&(o!==n-1||this.answer?.answer_id===t&&e<this.#t)||(this.#t=e,this.#a=n,this.#l({answer_id:t,text:i(u?this.answer?.text??"":""),state:"generating"}))}#c({user:t,is_typing:e,state:n}){t==="human"?(this.isHumanTyping=e,this.#e("typing")):t==="assistant"&&(e?this.#l({answer_id:null,text:"",...this.answer,state:n}):this.answer?.text||this.#l(null))}#l(t){t||(this.#a=0),!(!t&&!this.answer)&&(this.answer=t,this.#e("answer"))}};var st=50,A=class{#i=new W;#s=new Map;#t=null;#a=Promise.resolve();#e=null;#u=!1;#c=!1;#l=-1/0;#g;#h;#n;#r;#o;#d;constructor(t={}){let e=t.useCookies?new z:new X(t.getToken??(()=>null)),{rest:n,socket:i}=B(t,e);this.#h=i.pace,this.#g=t.item??null,this.#n=new T(t,n),this.#r=new O((u,d)=>this.#m(u,d));let o=this;this.#o=new G({...i,address:()=>this.#n.address()},{onState:()=>this.#_(),onConnected:()=>this.#y(),onFrame:u=>this.#v(u),onLost:()=>this.#S(),onPoll:()=>{this.#b()}}),this.#d=new q(this.#o,{get isComplete(){return o.#c}})}get session(){return this.#r.session}get messages(){return this.#r.messages}get hasOlder(){return this.#r.hasOlder}get pending(){return[...this.#s.values()]}get answer(){return this.#r.answer}get isHumanTyping(){return this.#r.isHumanTyping}get connection(){return this.#d.info}on(t,e,n){return this.#i.on(t,e,n)}open({item:t=this.#g}={}){return this.#e??=this.#n.open(t).then(e=>this.#$(e)).finally(()=>{this.#e=null}),this.#e}async resume(t){let e=await this.#n.find(t);return e?(this.#$(e),await this.loadOlder(),!0):!1}list(t){return this.#n.list(t)}async end(){await this.#n.session("DELETE"),this.#n.forget(),this.#r.update({ended_at:new Date().toISOString()})}async claim(){return this.#$(await this.#n.claim())}ask(t,{item:e=this.#g,key:n=crypto.randomUUID()}={}){this.#s.set(n,{key:n,content:t,item:e,created_at:new Date().toISOString(),state:"sending",error:null}),this.#m("pending");let i=this.#a.then(()=>this.#k(n));return this.#a=i.catch(()=>{}),{key:n,sent:i}}retry(t){let e=this.#s.get(t);e?.state==="refused"&&this.ask(e.content,e)}discard(t){this.#s.get(t)?.state==="refused"&&this.#p(t)}async stop(){await this.#n.session("POST","/stop")}async regenerate(t){await this.#n.message("POST",`/${t}/regenerate`)}async feedback(t,e,n=""){await this.#n.message("POST",`/${t}/feedback`,{rating:e,reason:n})}async handOver(t=""){return this.#w(await this.#n.session("POST","/handover",{reason:t}))}async release(){return this.#w(await this.#n.session("POST","/release"))}typing(){let t=performance.now();!this.session||t-this.#l<this.#h.typingEvery||(this.#l=t,this.#o.send(JSON.stringify({type:"typing",session_id:this.#n.sessionId,is_typing:!0})))}async loadOlder({limit:t=st,signal:e}={}){if(!this.session||!this.hasOlder)return!1;let n=await this.#n.history({before:this.messages[0]?.id,limit:t},e);return n.session_id!==this.session?.session_id?!1:(this.#r.hasOlder=n.has_more,this.#f(n.messages),!0)}connect(){this.#u=!0,this.#n.canConnect&&this.#o.start()}disconnect(){this.#u=!1,this.#o.stop()}[Symbol.dispose](){this.disconnect()}#$(t){return this.#n.use(t),this.#r.reset(t),this.#u&&(this.#n.isAnonymous&&this.#o.stop(),this.#o.info.state==="open"?this.#y():this.#o.start()),t}async#k(t){let e=this.#s.get(t),n=new H(this.#h.retryFirst,this.#h.retryMost);for(;;)try{(this.#e||!this.session||this.session.ended_at)&&await this.open({item:e?.item});let i=this.session?.session_id,o={content:e?.content,client_message_id:t,item:e?.item},{message:u}=await this.#n.message("POST","",o);return this.#f([u],i),this.#p(t),this.#o.info.state!=="open"&&this.#b(),u}catch(i){if(i instanceof b)throw e&&this.#s.set(t,{...e,state:"refused",error:i}),this.#m("pending"),i;await new Promise(o=>setTimeout(o,n.next(U(i))))}}#p(t){this.#s.delete(t)&&this.#m("pending")}#f(t,e=this.session?.session_id){if(e===this.session?.session_id)for(let n of t)this.#r.put(n),n.client_message_id&&this.#p(n.client_message_id)}#w(t){return this.#r.update(t),t}#y(){if(!this.session)return;let t=this.messages.at(-1)?.id,e={type:"resume",session_id:this.#n.sessionId,...t&&{after_id:t},limit:100};this.#o.send(JSON.stringify(e))}#v(t){if(t.session_id&&t.session_id!==this.session?.session_id)return;if(t.type==="resumed")return this.#f(t.messages),t.has_more?this.#y():(t.is_answering||this.#r.endAnswer(),this.#c=!0,this.#_());t.message?.client_message_id&&this.#p(t.message.client_message_id);let e=this.#r.apply(t);t.type==="assistant.delta"&&this.#i.emit("delta",t),e&&this.#i.emit("answer",{message:t.message})}#S(){this.#c=!1,this.#d.lost()}async#b(){let t=this.messages.at(-1)?.id;if(this.session)try{let e=t?await this.#n.after(t):await this.#n.history({limit:st});this.#f(e.messages,e.session_id)}catch(e){e instanceof b&&this.#o.stop("refused")}}#_(){this.#d?.update()&&this.#i.emit("connection",this.#d.info)}#m(t,e){this.#t||(this.#t={kinds:new Set,messageIds:new Set},queueMicrotask(()=>{let n=this.#t;this.#t=null,this.#i.emit("change",n)})),this.#t.kinds.add(t),e&&this.#t.messageIds.add(e)}};function y(s,t){let[,e]=_(n=>n+1,0);g(()=>{let n=s.on("change",i=>{t.some(o=>i.kinds.has(o))&&e(void 0)});return e(void 0),n},[s,t])}function et(s){let[,t]=_(e=>e+1,0);return g(()=>{let e=new AbortController,n={signal:e.signal};s.on("connection",()=>t(void 0),n);for(let i of["online","offline"])globalThis.addEventListener(i,()=>t(void 0),n);return t(void 0),()=>e.abort()},[s]),s.connection}var St=6e3,nt=new WeakMap;function it(s){let t=nt.get(s)??{text:"",listeners:new Set};return nt.set(s,t),t}function E(s,t){let e=it(s);e.text=t;for(let n of e.listeners)n()}async function w(s,t){try{return await t,E(s,""),!0}catch(e){return e instanceof b?E(s,e.message):e instanceof F?E(s,a("assistant.unanswered")):reportError(e),!1}}function rt({client:s}){let[,t]=_(i=>i+1,0),e=it(s);g(()=>{let i=()=>t(void 0);return e.listeners.add(i),()=>{e.listeners.delete(i)}},[e]);let{text:n}=e;return g(()=>{if(!n)return;let i=setTimeout(()=>E(s,""),St);return()=>clearTimeout(i)},[s,n]),n&&r`<p class="assistant-failure" role="alert">${n}</p>`}var at=1e4,xt=140;function Ct(s){return s.length<=at?s.length:[...s].length}function ot({onSend:s,onKeystroke:t,onStop:e,placeholder:n,disabled:i=!1,files:o}){let[u,d]=m(""),f=S(null),c=Ct(u.trim())-at,N=(u.trim()!==""||!!o?.count)&&c<=0&&!i&&o?.isReady!==!1;j(()=>{let h=f.current;h&&(h.style.height="auto",h.style.height=`${Math.min(h.scrollHeight,xt)}px`)},[u]),g(()=>f.current?.focus({preventScroll:!0}),[]);let D=()=>{N&&(s(u.trim()),d(""),f.current?.focus())},bt=h=>{h.key!=="Enter"||h.shiftKey||h.isComposing||h.keyCode===229||(h.preventDefault(),D())},_t=h=>{let M=[...h.clipboardData?.files??[]];!o||!M.length||(h.preventDefault(),o.onPaste(M))},kt=e!==void 0&&u.trim()==="";return r`
    <form class="ask" part="composer" onSubmit=${h=>{h.preventDefault(),D()}}>
      ${c>0&&r`<p class="ask-over" role="alert">${a("assistant.too_long",{count:c})}</p>`}
      ${o?.tiles}
      <div class="ask-field">
        ${o?.button}
        <textarea ref=${f} rows="1" data-testid="message-input" dir="auto" value=${u} placeholder=${n}
          aria-label=${n} aria-invalid=${c>0} disabled=${i} enterkeyhint="send" autocomplete="off"
          onInput=${h=>{d(h.currentTarget.value),t?.()}} onKeyDown=${bt} onPaste=${_t}></textarea>
        ${kt?r`
          <button type="button" class="ask-send" data-testid="stop-button" title=${a("assistant.stop")}
            aria-label=${a("assistant.stop")} onClick=${e}>${l(p,{name:"stop",size:18})}</button>`:r`
          <button type="submit" class="ask-send" part="send" data-testid="send-button" title=${a("assistant.send")}
            aria-label=${a("assistant.send")} disabled=${!N}>${l(p,{name:"send"})}</button>`}
      </div>
    </form>`}var Tt=2e3;function Ot({state:s,reason:t}){return s==="stopped"?a(t==="unauthorized"?"assistant.signed_out":"assistant.refused"):globalThis.navigator.onLine?s==="polling"?a("assistant.polling"):s==="live"||s==="disconnected"?null:a("assistant.reconnecting"):a("assistant.offline")}function lt({client:s,onRestart:t}){let e=et(s),n=Ot(e),[i,o]=m(!1),u=n!==null;g(()=>{if(!u)return o(!1);let f=setTimeout(()=>o(!0),Tt);return()=>clearTimeout(f)},[u]);let d=n!==null&&(i||e.state==="stopped");return r`
    <div class="assistant-notice" role="status" hidden=${!d} data-testid="connection-notice">
      <span>${d&&n}</span>
      ${d&&e.state!=="stopped"&&r`
        <button type="button" class="assistant-link" onClick=${()=>e.retryNow()}>${a("assistant.try_now")}</button>`}
      ${d&&e.state==="stopped"&&t&&r`
        <button type="button" class="assistant-link" onClick=${t}>${a("assistant.new")}</button>`}
    </div>`}var At=/https?:\/\/[^\s<>"'`]+/gi,Et=/[.,;:!?)\]}»”’…]+$/,ut=60;function It(s){let t=[],e=0;for(let n of s.matchAll(At)){let i=n[0].replace(Et,"");URL.canParse(i)&&(n.index>e&&t.push({text:s.slice(e,n.index),href:null}),t.push({text:i,href:new URL(i).href}),e=n.index+i.length)}return e<s.length&&t.push({text:s.slice(e),href:null}),t}function v({text:s}){return r`${It(s).map(t=>t.href===null?t.text:r`
    <a href=${t.href} target="_blank" rel="noopener noreferrer nofollow">${t.text.length>ut?`${t.text.slice(0,ut)}\u2026`:t.text}</a>`)}`}function ct(s){let t=s.find(n=>n.type==="data-items")?.data,e=Array.isArray(t?.items)?t.items.filter(Rt):[];return{items:e,more:Math.max(0,Number(t?.found??0)-e.length)}}function Rt(s){return typeof s?.title=="string"&&typeof s.kind=="string"&&Number.isSafeInteger(s.id)}function dt(s){if(typeof s!="string"||!URL.canParse(s))return null;let{protocol:t,href:e}=new URL(s);return t==="https:"||t==="http:"?e:null}function Pt(s){return typeof s=="string"&&s.startsWith("data:image/")?s:dt(s)}function Lt({url:s}){let[t,e]=m(!1),n=Pt(s);return n===null||t?r`<span class="item-card-picture">${l(p,{name:"tag",size:22})}</span>`:r`<img class="item-card-picture" src=${n} alt="" loading="lazy" width="56" height="56"
    referrerpolicy="no-referrer" onError=${()=>e(!0)} />`}function Nt({card:s,onOpen:t}){let e=s.price===null||s.price===void 0?NaN:Number(s.price),n=r`
    ${l(Lt,{url:s.image_url})}
    <span class="item-card-text">
      <span class="item-card-title" dir="auto">${s.title}</span>
      ${s.is_deleted?r`<span class="item-card-gone">${a("assistant.item_gone")}</span>`:Number.isFinite(e)&&r`<span class="item-card-price">${V(e,String(s.currency??""))}</span>`}
    </span>`,i=s.is_deleted?null:dt(s.url);return i!==null?r`<a class="item-card" part="item" href=${i} target="_blank" rel="noopener noreferrer"
      onClick=${()=>t?.(s)}>${n}</a>`:t&&!s.is_deleted?r`<button type="button" class="item-card" part="item" onClick=${()=>t(s)}>${n}</button>`:r`<div class="item-card" part="item">${n}</div>`}function ht({items:s,more:t,onOpen:e}){return r`
    <ul class="item-cards" data-testid="item-cards">
      ${s.map(n=>r`<li key=${`${n.kind} ${n.id}`}>${l(Nt,{card:n,onOpen:e})}</li>`)}
    </ul>
    ${t>0&&r`<p class="item-cards-more">${a("assistant.more_found",{count:t})}</p>`}`}var pt={stopped:"assistant.stopped",interrupted:"assistant.interrupted",failed:"assistant.failed"};function Dt(s){return s.retry_after!==null?a("assistant.busy",{count:s.retry_after}):s.status in pt?a(pt[s.status]):null}function I({icon:s,label:t,pressed:e,onClick:n}){return r`<button type="button" class="answer-action" title=${t} aria-label=${t} aria-pressed=${e}
    onClick=${n}>${l(p,{name:s,size:16})}</button>`}function Mt({message:s,client:t,isLast:e}){let[n,i]=m(null),[o,u]=m(!1),d=c=>{i(c),w(t,t.feedback(s.id,c)).then($=>{$||i(null)})},f=()=>navigator.clipboard.writeText(s.content).then(()=>u(!0),()=>u(!1));return r`
    <div class="answer-actions">
      ${l(I,{icon:"thumb-up",label:a("assistant.helpful"),pressed:n==="up",onClick:()=>d("up")})}
      ${l(I,{icon:"thumb-down",label:a("assistant.not_helpful"),pressed:n==="down",onClick:()=>d("down")})}
      ${"clipboard"in navigator&&l(I,{icon:o?"check":"copy",label:a(o?"assistant.copied":"assistant.copy"),onClick:f})}
      ${e&&l(I,{icon:"retry",label:a("assistant.answer_again"),onClick:()=>{w(t,t.regenerate(s.id))}})}
      ${n!==null&&r`<span class="answer-thanks" role="status">${a("assistant.thanks")}</span>`}
    </div>`}function Ht({message:s,client:t,isLast:e,onItem:n}){let{items:i,more:o}=ct(s.parts),u=Dt(s);return r`
    ${i.length>0&&l(ht,{items:i,more:o,onOpen:n})}
    ${u!==null&&r`<p class="answer-status">${u}</p>`}
    ${!s.is_deleted&&l(Mt,{message:s,client:t,isLast:e})}`}function ft({message:s,client:t,isLast:e,onItem:n}){let i=s.role==="user",o=i?a("assistant.you"):s.role==="human"?a("assistant.person"):a("assistant.assistant"),u=s.content!=="";return r`
    <div class=${`turn turn-${i?"own":"other"}`} part=${i?"message own":"message"}
      data-testid=${s.role==="assistant"?"assistant-answer":void 0}>
      <span class=${s.role==="human"?"turn-author":"assistant-hidden"}>${o}</span>
      ${u&&r`
        <div class=${`turn-bubble${s.is_deleted?" is-deleted":""}`} dir="auto">
          ${s.is_deleted?a("assistant.deleted"):l(v,{text:s.content})}
          <time class="turn-stamp" datetime=${s.created_at}>${Y(s.created_at)}</time>
        </div>`}
      ${s.role==="assistant"&&l(Ht,{message:s,client:t,isLast:e,onItem:n})}
    </div>`}function mt({pending:s,client:t}){let e=s.state==="refused";return r`
    <div class="turn turn-own" part="message own">
      <span class="assistant-hidden">${a("assistant.you")}</span>
      <div class="turn-bubble" dir="auto">
        ${l(v,{text:s.content})}
        ${!e&&r`<span class="turn-stamp" role="img" aria-label=${a("assistant.sending")}>${l(p,{name:"clock",size:13})}</span>`}
      </div>
      ${e&&r`
        <p class="turn-refused" role="alert">
          <span>${s.error?.message||a("assistant.not_sent")}</span>
          <button type="button" class="assistant-link" onClick=${()=>t.retry(s.key)}>${a("assistant.try_again")}</button>
          <button type="button" class="assistant-link" onClick=${()=>t.discard(s.key)}>${a("assistant.discard")}</button>
        </p>`}
    </div>`}var Ft=400,L=class extends P{shouldComponentUpdate(t){return t.row!==this.props.row||t.renderRow!==this.props.renderRow}render(){return this.props.renderRow(this.props.row)}},R=class extends P{#i=J();#s=!1;componentDidMount(){this.#t()}componentDidUpdate(t){let e=this.props.rows.at(-1);e?.pending&&e.key!==t.rows.at(-1)?.key&&this.#i.current&&(this.#i.current.scrollTop=0),this.#t()}#t=()=>{let t=this.#i.current;!t||!this.props.hasOlder||this.#s||t.scrollHeight-t.clientHeight+t.scrollTop>Ft||(this.#s=!0,Promise.resolve(this.props.loadOlder()).catch(()=>{}).finally(()=>{this.#s=!1}))};render(){let{rows:t,renderRow:e,label:n,footer:i}=this.props;return r`
      <div class="thread-scroller" ref=${this.#i} tabindex="0" role="region" aria-label=${n} data-testid="message-list" onScroll=${this.#t}>
        <div class="thread-content">
          <ol class="thread-rows">
            ${t.map(o=>r`<li key=${o.key}>${l(L,{row:o,renderRow:e})}</li>`)}
          </ol>
          ${i}
        </div>
      </div>`}};var Ut=["messages","pending","session"],Gt=["answer","typing","messages"],zt={thinking:"assistant.thinking",searching:"assistant.searching",generating:"assistant.generating",error:"assistant.failed"};function Wt(s,t){let{messages:e,pending:n}=s,o=n.length===0&&s.session?.responder==="assistant"&&!s.session.handover&&!s.session.ended_at?e.at(-1):void 0,u=new Set,d=e.map(c=>{let $=c.client_message_id??c.id;return u.add($),{key:$,message:c,pending:null,isLast:c===o}}),f=n.filter(({key:c})=>!u.has(c)).map(c=>({key:c.key,message:null,pending:c,isLast:!1}));return[...d,...f].map(c=>{let $=t.get(c.key);return $&&$.message===c.message&&$.pending===c.pending&&$.isLast===c.isLast?$:c})}function qt(s){let t=s?.parts.find(e=>e.type==="data-choices")?.data?.choices;return Array.isArray(t)?t.filter(e=>typeof e=="string"):[]}function Bt({client:s}){y(s,Gt);let{answer:t,isHumanTyping:e}=s,n=t||s.pending.length>0||s.session?.ended_at?[]:qt(s.messages.at(-1)),i=t?a(zt[t.state??"thinking"]):e?a("assistant.person_typing"):null;return r`
    ${i!==null&&r`
      <div class="turn turn-other" part="message" data-testid="assistant-writing">
        ${t?.text?r`<div class="turn-bubble" dir="auto">${l(v,{text:t.text})}</div>`:r`
          <div class="turn-bubble turn-waiting"><span class="turn-dots" aria-hidden="true"><i></i><i></i><i></i></span>${i}</div>`}
      </div>`}
    ${n.length>0&&r`
      <ul class="replies" aria-label=${a("assistant.replies")}>
        ${n.map(o=>r`<li key=${o}>
          <button type="button" class="reply" dir="auto" onClick=${()=>s.ask(o)}>${o}</button></li>`)}
      </ul>`}`}function Xt({client:s}){let[t,e]=m("");return g(()=>s.on("answer",({message:n})=>e(n.content)),[s]),r`<div class="assistant-hidden" aria-live="polite">${t}</div>`}function gt({client:s,welcome:t,onItem:e}){y(s,Ut);let n=S(new Map),i=Wt(s,n.current);n.current=new Map(i.map(d=>[d.key,d]));let o=k(({message:d,pending:f,isLast:c})=>d?l(ft,{message:d,client:s,isLast:c,...e?{onItem:e}:{}}):f&&l(mt,{pending:f,client:s}),[s,e]),u=k(()=>s.loadOlder(),[s]);return i.length===0?r`<div class="thread thread-empty">${t}</div>`:r`
    <div class="thread">
      ${l(R,{rows:i,renderRow:o,loadOlder:u,hasOlder:s.hasOlder,label:a("assistant.conversation"),footer:l(Bt,{client:s})})}
      ${l(Xt,{client:s})}
    </div>`}var $t=["session","answer"],Kt=["assistant.example_what","assistant.example_gift","assistant.example_person"],Jt=["assistant.example_details","assistant.example_cheaper","assistant.example_person"];function jt({client:s,hasItem:t}){return r`
    <div class="welcome">
      <span class="welcome-mark">${l(p,{name:"sparkle",size:28})}</span>
      <p class="welcome-title">${a("assistant.greeting")}</p>
      <p>${a("assistant.as_typed")}</p>
      <ul class="replies">
        ${(t?Jt:Kt).map(e=>r`<li key=${e}>
          <button type="button" class="reply" onClick=${()=>s.ask(a(e))}>${a(e)}</button></li>`)}
      </ul>
    </div>`}function Qt({client:s}){let t=s.session;return t?.responder!=="human"&&t?.handover!=="offered"?null:r`
    <div class="responder" role="status">
      ${l(p,{name:"person",size:18})}
      <span>${a(t.handover==="accepted"?"assistant.person_answers":"assistant.person_asked")}</span>
      <button type="button" class="assistant-link" onClick=${()=>{w(s,s.release())}}>${a("assistant.back_to_assistant")}</button>
    </div>`}function Vt({client:s}){y(s,$t);let{session:t,answer:e}=s;if(t?.ended_at)return r`
      <div class="ended"><p>${a("assistant.ended")}</p>
        <button type="button" class="assistant-button" onClick=${()=>{w(s,s.open())}}>${a("assistant.new")}</button>
      </div>`;let n=t?.responder==="human";return l(ot,{onSend:i=>{s.ask(i)},onKeystroke:()=>s.typing(),...e?{onStop:()=>{w(s,s.stop())}}:{},placeholder:a(n?"assistant.placeholder_person":"assistant.placeholder")})}function Yt({client:s}){return y(s,$t),l(Qt,{client:s})}function yt({client:s,hasItem:t=!1,welcome:e,onItem:n}){let i=k(o=>n?.(o),[n]);return l(Q,{name:"assistant"},r`
    <div class="assistant">
      ${l(lt,{client:s,onRestart:()=>{w(s,s.open().then(()=>s.connect()))}})}
      ${l(rt,{client:s})}
      ${l(Yt,{client:s})}
      ${l(gt,{client:s,welcome:e??l(jt,{client:s,hasItem:t}),...n?{onItem:i}:{}})}
      ${l(Vt,{client:s})}
    </div>`)}var Zt=["session","messages"];function wt({client:s}){y(s,Zt);let{session:t,messages:e}=s,n=t!==null&&t.ended_at===null&&t.handover===null&&e.length>0,i=(o,u,d)=>r`
    <button type="button" class="icon-button" title=${u} aria-label=${u} onClick=${()=>{w(s,d())}}>
      ${l(p,{name:o})}</button>`;return r`
    ${n&&i("person",a("assistant.talk_to_person"),()=>s.handOver())}
    ${e.length>0&&i("compose",a("assistant.new"),()=>s.open())}`}var ts=12,ss=["session"];function es(){let s=x(),[t,e]=m(null);return g(()=>{let n=new A({useCookies:!0,language:()=>K.value}),i=!1;return n.resume().catch(o=>s.showError(o)).finally(()=>{i||(n.connect(),e(n))}),()=>{i=!0,n[Symbol.dispose]()}},[s]),t}function ns({client:s}){let t=x(),[e,n]=m(null);y(s,ss);let i=async u=>{let d=u.currentTarget,f=await t.attempt(s.list({limit:ts}));f&&n({anchor:d,sessions:f.sessions.filter(({message_count:c})=>c>0)})},o=a("assistant.history");return r`
    <button type="button" class="icon-button" title=${o} aria-label=${o} aria-haspopup="menu" aria-expanded=${e!==null}
      data-testid="assistant-history" onClick=${i}>${l(p,{name:"clock"})}</button>
    ${e&&l(tt,{label:o,anchor:e.anchor,onClose:()=>n(null),items:e.sessions.map(u=>({label:Z(u.last_message_at??u.created_at),isChecked:u.session_id===s.session?.session_id,run:()=>{t.attempt(s.resume(u.session_id))}}))},e.sessions.length===0&&r`<p class="assistant-none">${a("assistant.history_empty")}</p>`)}`}function Ae(){let s=x(),t=es();return r`
    <section class="assistant-pane" aria-label=${a("assistant.title")} data-testid="assistant-pane">
      <header class="assistant-head">
        ${s.screen.isPhone.value&&r`
          <button type="button" class="icon-button" aria-label=${a("assistant.back")} onClick=${()=>s.router.back()}>${l(p,{name:"back"})}</button>`}
        <span class="assistant-mark">${l(p,{name:"sparkle"})}</span>
        <div class="assistant-names">
          <h2>${a("assistant.title")}</h2>
          <p>${a("assistant.subtitle")}</p>
        </div>
        ${t&&l(wt,{client:t})}
        ${t&&l(ns,{client:t})}
      </header>
      ${t?l(yt,{client:t}):r`<div class="assistant" aria-busy="true"></div>`}
    </section>`}export{Ae as AssistantPane};
