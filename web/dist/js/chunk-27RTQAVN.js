import{A as x,B as N,C as W,D as Y,E as Nt,F as mt,G as f,H as k,I as P,J as Pt,L as c,M as Ft,O as C,P as v,Q as Ot,R as M,S as F,T as Rt,b as Ct,c as St,d as Tt,l as Mt,m as Lt,n as Dt,o as H,p as ut,q as i,r as u,t as It,u as At,v as U,w,y as _,z as q}from"./chunk-MDBE6VA6.js";function L(t,e){let n=null,o=async()=>{n??=await t()};function s(a){let[l,r]=w(n?"loaded":"loading"),m=$=>o().then(()=>r("loaded"),$);if(_(()=>{m(async $=>{await e($),r("failed")})},[]),n)return u(n,a);if(l==="loading")return c`<div class="pane-loading" aria-busy="true"></div>`;let d=()=>m(()=>{navigator.onLine&&location.reload()});return c`
      <section class="pane-error" role="alert" data-testid="pane-error">
        <p>${i("ui.pane_not_loaded")}</p>
        <button type="button" class="button" onClick=${d}>${i("ui.pane_reload")}</button>
      </section>`}return s.preload=()=>o().catch(()=>{}),s}async function G(t,...e){let[n]=await Promise.all([t,...e.map(_e)]);return n}async function _e(t){let e=new URL(`../css/${t}.css`,new URL("../ui/lazy.js",import.meta.url).href).href;if([...document.styleSheets].some(s=>s.href===e))return;let n=document.createElement("link");n.rel="stylesheet",n.href=e;let o=new Promise((s,a)=>{n.onload=s,n.onerror=()=>a(new Error(`${e} cannot be loaded`))});document.head.append(n);try{await o}catch(s){throw n.remove(),s}}var zt=L(async()=>(await G(import("./pane-7ULD7BFS.js"),"assistant")).AssistantPane,C),j=L(async()=>(await import("./pane-EWCXJJDP.js")).ConversationPane,C),Bt=L(async()=>(await G(import("./pane-FXSLHJUE.js"),"details")).DetailsPane,C),Kt=L(async()=>(await import("./search-PLCUPUIT.js")).SearchResults,C),Ht=L(async()=>(await G(import("./pane-FPTSMRG5.js"),"settings")).SettingsPane,C);var dt=new Map;function b(t,e){let n=ut(),o=`${t} ${n}`;return dt.has(o)||dt.set(o,e(n)),dt.get(o)}var O=t=>t instanceof Date?t:new Date(t);function qt(t,e){let n=Date.UTC(t.getFullYear(),t.getMonth(),t.getDate());return Math.round((Date.UTC(e.getFullYear(),e.getMonth(),e.getDate())-n)/864e5)}function pt(t){return b("number",e=>new Intl.NumberFormat(e)).format(t)}function R(t){return b("count",n=>new Intl.NumberFormat(n,{notation:"compact",maximumFractionDigits:1})).format(t)}function Sn(t){return b("percent",e=>new Intl.NumberFormat(e,{style:"percent"})).format(t)}function Tn(t,e){if(!/^[A-Za-z]{3}$/.test(e))return`${pt(t)} ${e}`.trim();let n=Number.isInteger(t)?0:2,o={style:"currency",currency:e,minimumFractionDigits:n,maximumFractionDigits:2};return b(`price ${e} ${n}`,s=>new Intl.NumberFormat(s,o)).format(t)}var Ut=["byte","kilobyte","megabyte","gigabyte"];function Mn(t){let e=Math.min(Ut.length-1,t>0?Math.floor(Math.log10(t)/3):0),n=Ut[e]??"byte",o=s=>new Intl.NumberFormat(s,{style:"unit",unit:n,unitDisplay:e?"short":"long",maximumFractionDigits:e>1?1:0});return b(`bytes ${n}`,o).format(t/1e3**e)}function Ln(t){let e=Math.max(0,Math.round(t)),n=[Math.floor(e/3600),Math.floor(e/60)%60,e%60];return(n[0]?n:n.slice(1)).map((s,a)=>a?String(s).padStart(2,"0"):String(s)).join(":")}function Ee(t){return b("time",n=>new Intl.DateTimeFormat(n,{hour:"numeric",minute:"2-digit"})).format(O(t))}function V(t){return b("full",n=>new Intl.DateTimeFormat(n,{dateStyle:"long",timeStyle:"short"})).format(O(t))}function Dn(t,e=new Date){let n=O(t),o=qt(n,e);if(o===0||o===1){let l=b("relative",r=>new Intl.RelativeTimeFormat(r,{numeric:"auto"})).format(-o,"day");return l.charAt(0).toLocaleUpperCase(ut())+l.slice(1)}if(o>1&&o<7)return b("weekday",l=>new Intl.DateTimeFormat(l,{weekday:"long"})).format(n);let s=n.getFullYear()===e.getFullYear(),a=l=>new Intl.DateTimeFormat(l,{day:"numeric",month:"long",...s?{}:{year:"numeric"}});return b(`day ${s}`,a).format(n)}function Q(t,e=new Date){let n=O(t),o=qt(n,e);return o<=0?Ee(n):o<7?b("day",s=>new Intl.DateTimeFormat(s,{weekday:"short"})).format(n):n.getFullYear()===e.getFullYear()?b("date",s=>new Intl.DateTimeFormat(s,{day:"numeric",month:"short"})).format(n):b("year",s=>new Intl.DateTimeFormat(s,{dateStyle:"short"})).format(n)}function In(t,e=new Date){let n=(O(t).getTime()-e.getTime())/1e3,o=[["year",31536e3],["month",2592e3],["week",604800],["day",86400],["hour",3600],["minute",60]],s=b("relative",a=>new Intl.RelativeTimeFormat(a,{numeric:"auto"}));for(let[a,l]of o)if(Math.abs(n)>=l)return s.format(Math.trunc(n/l),a);return s.format(0,"second")}function X(t){return b("list",e=>new Intl.ListFormat(e,{type:"conjunction"})).format(t)}var ft=64,Wt=99,Ce="#1f6f5c",Se="#d93025",Te="#ffffff",Z=class{#t;#e=-1;constructor(e){this.#t=e}show(e,n){this.#t.title=e?`(${pt(e)}) ${n}`:n,e!==this.#e&&(this.#e=e,this.#n(e),"setAppBadge"in navigator&&navigator.setAppBadge(e).catch(()=>{}))}#n(e){let n=this.#t.createElement("canvas");n.width=n.height=ft;let o=n.getContext("2d"),s=this.#t.querySelector("link[rel='icon']");if(!(!o||!(s instanceof HTMLLinkElement))){if(o.fillStyle=Ce,o.beginPath(),o.roundRect(4,8,56,42,16),o.moveTo(14,44),o.lineTo(14,62),o.lineTo(34,48),o.fill(),e>0){let a=e>Wt?`${Wt}+`:String(e),l=a.length>2?52:a.length>1?44:36;o.fillStyle=Se,o.beginPath(),o.roundRect(ft-l,0,l,36,18),o.fill(),o.fillStyle=Te,o.font="700 28px system-ui, sans-serif",o.textAlign="center",o.textBaseline="middle",o.fillText(a,ft-l/2,19)}s.type="image/png",s.href=n.toDataURL("image/png")}}};var Me={owner:"details.role_owner",admin:"details.role_admin",member:"details.role_member"};function Yt(t,e){let n=(t.users??[]).map(a=>a.name),o=(t.count??n.length)-n.length,s=X(o>0?[...n,i("system.others",{count:o})]:n);switch(t.event){case"created":return i("system.created",{name:e,title:t.title??""});case"member_added":return i("system.member_added",{name:e,users:s});case"member_removed":return i("system.member_removed",{name:e,users:s});case"left":return i("system.left",{name:e});case"role_changed":return i("system.role_changed",{name:e,users:s,role:i(Me[t.role??"member"])});case"title_changed":return i("system.title_changed",{name:e,title:t.title??""});case"picture_changed":return i("system.picture_changed",{name:e});default:return i("system.unknown",{name:e})}}var Le={image:{icon:"photo",text:"chats.preview_image"},video:{icon:"video",text:"chats.preview_video"},audio:{icon:"play",text:"chats.preview_audio"},voice:{icon:"mic",text:"chats.preview_voice"},file:{icon:"file",text:"chats.preview_file"},location:{icon:"location",text:"chats.preview_location"}};function ht(t,e,n){let o=t.sender_id??t.sender?.id,s=t.sender?.name??"";if(t.system)return{author:"",icon:null,text:Yt(t.system,s),isSoft:!0};let a=o!==void 0&&o===e?i("chats.you"):n?s:"";if(t.is_deleted)return{author:a,icon:null,text:i("chats.preview_deleted"),isSoft:!0};let l=Le[t.message_type??""],r=t.content.replace(/\s+/g," ").trim();return l?{author:a,icon:l.icon,text:r||i(l.text),isSoft:!1}:r?{author:a,icon:null,text:r,isSoft:!1}:{author:a,icon:"attach",text:i("chats.preview_attachment"),isSoft:!1}}function J(t,e,n){let{author:o,text:s}=ht(t,e,n);return o?i("chats.author_says",{author:o,text:s}):s}function S(t){return t.kind==="group"?t.title||i("chats.group"):t.kind==="assistant"?t.title||i("assistant.title"):t.other_user?.name||i("chats.unknown_person")}function tt(t){return t.kind==="group"?t.picture_url:t.other_user?.picture_url}var et=t=>t.other_user?.id??t.id,D=t=>t!==void 0&&(t.unread_count>0||t.is_marked_unread);var De=20,Ie="chatapp.attention",nt=class{#t;#e;#n=crypto.randomUUID();#o=new Set;#s=typeof BroadcastChannel>"u"?null:new BroadcastChannel(Ie);recent=f([]);unseen=f(0);constructor(e){this.#t=e,this.#e=new Z(document);let{screen:n}=e,o=k(()=>{let s=e.selected.value===null?void 0:e.chat(e.selected.value).value;return s?S(s):i("chats.title")});P(()=>this.#e.show(e.unreadTotal.value,o.value)),P(()=>{let s=n.isActive.value;this.#s?.postMessage({tab:this.#n,active:s})}),addEventListener("pagehide",()=>this.#s?.postMessage({tab:this.#n,active:!1})),this.#s&&(this.#s.onmessage=({data:s})=>{s.active?this.#o.add(s.tab):this.#o.delete(s.tab)}),e.client.on("new_message",({chat_id:s,message:a})=>this.#i(s,a)),e.client.on("change",({chatId:s,kinds:a})=>{s!==null&&(a.has("summary")||a.has("removed"))&&this.#l(s)})}markSeen(){this.unseen.value=0}#i(e,n){let o=this.#t;if(n.sender_id===o.me||n.message_type==="system")return;let s=o.chat(e).peek(),a=o.screen.isActive.peek()&&o.selected.peek()===e;if(!s||s.is_muted||a)return;let l=J(n,o.me,s.kind==="group"),r={id:n.id,chatId:e,messageId:n.id,at:n.created_at,text:l};this.recent.value=[r,...this.recent.value.filter(({id:m})=>m!==r.id)].slice(0,De),this.unseen.value+=1,this.#a()&&o.client.connection.isLeader&&this.#r(s,r)}#a(){return!this.#t.screen.isActive.peek()&&this.#o.size===0}#r(e,{chatId:n,messageId:o,text:s}){if(!M.peek().notifications||!Ae())return;let a=new Notification(S(e),{body:s,tag:`chatapp-chat-${n}`});a.onclick=()=>{focus(),this.#t.select(n,o),a.close()}}#l(e){let n=this.#t.client.state.chat(e);if(n&&n.unread_count>0)return;let o=this.recent.peek().filter(s=>s.chatId!==e);o.length!==this.recent.peek().length&&(this.unseen.value=Math.max(0,this.unseen.peek()-(this.recent.peek().length-o.length)),this.recent.value=o)}},ot=()=>typeof Notification<"u",Ae=()=>ot()&&Notification.permission==="granted";async function Gt(){return ot()&&await Notification.requestPermission()==="granted"}var gt=U(null);function $t(){let t=Y(gt);if(!t)throw new Error("no notifications above this component");return t}var z="/chat",Ne=/^#message-(\d{1,16})$/;function jt(t,e){let n=t.startsWith(`${z}/`)?t.slice(z.length+1).replace(/\/$/,""):"";if(n==="assistant"||n==="settings")return{name:n};let o=/^\d{1,16}$/.test(n)?Number(n):0;if(!o||!Number.isSafeInteger(o))return{name:"list"};let s=Number(Ne.exec(e)?.[1]??0);return{name:"chat",chatId:o,messageId:Number.isSafeInteger(s)&&s>0?s:null}}function st(t){return t.name==="list"?z:t.name!=="chat"?`${z}/${t.name}`:`${z}/${t.chatId}${t.messageId?`#message-${t.messageId}`:""}`}var at=class{#t;constructor(e){this.#t=e,this.route=f(jt(e.location.pathname,e.location.hash)),e.addEventListener("popstate",this.#e),e.addEventListener("hashchange",this.#e)}#e=()=>{this.route.value=jt(this.#t.location.pathname,this.#t.location.hash)};go(e,{replace:n=!1}={}){let{history:o}=this.#t,s=Number(o.state?.depth??0);n?o.replaceState({depth:s},"",st(e)):o.pushState({depth:s+1},"",st(e)),this.route.value=e}back(){Number(this.#t.history.state?.depth??0)>0?this.#t.history.back():this.go({name:"list"},{replace:!0})}[Symbol.dispose](){this.#t.removeEventListener("popstate",this.#e),this.#t.removeEventListener("hashchange",this.#e)}};var Pe="(min-width: 721px)",Fe="(min-width: 1180px)",Oe=6e3,Re=3,it=class{#t=new AbortController;#e=1;toasts=f([]);dialogs=f([]);details=f(!1);isActive=f(!0);isOnline=f(!0);constructor(e){let n=e.matchMedia(Pe),o=e.matchMedia(Fe),{document:s,navigator:a}=e,l=()=>o.matches?"three":n.matches?"two":"one";this.panes=f(l()),this.isPhone=k(()=>this.panes.value==="one");let{signal:r}=this.#t,m=()=>{this.panes.value=l(),this.isActive.value=s.visibilityState==="visible"&&s.hasFocus(),this.isOnline.value=a.onLine};m();for(let d of[n,o])d.addEventListener("change",m,{signal:r});for(let d of["focus","blur","online","offline"])e.addEventListener(d,m,{signal:r});s.addEventListener("visibilitychange",m,{signal:r})}openDialog(e){let n=()=>e(o),o=()=>{this.dialogs.value=this.dialogs.value.filter(s=>s!==n)};return this.dialogs.value=[...this.dialogs.value,n],o}showToast(e,{tone:n="info",action:o=null}={}){let s=this.#e++,a=this.toasts.value.filter(l=>l.text!==e);this.toasts.value=[...a.slice(1-Re),{id:s,text:e,tone:n,action:o}],setTimeout(()=>this.dismissToast(s),Oe)}dismissToast(e){this.toasts.value=this.toasts.value.filter(n=>n.id!==e)}[Symbol.dispose](){this.#t.abort()}};var vt=f({text:"",turn:0});function no(t){vt.value={text:t,turn:vt.peek().turn+1}}function Vt(){let{text:t,turn:e}=vt.value;return c`<div class="visually-hidden" role="status" aria-live="polite" data-testid="announcer"><span key=${e}>${t}</span></div>`}var T=class extends It{state={error:void 0,failed:!1};static getDerivedStateFromError(e){return{error:e,failed:!0}}componentDidCatch(e){reportError(e),this.props.onError?.(e)}reload=()=>{this.props.onReload?.(),this.setState({error:void 0,failed:!1})};render(){return this.state.failed?c`
      <section class="pane-error" role="alert" data-boundary=${this.props.name} data-testid="pane-error">
        <p>${i("ui.pane_error")}</p>
        <button type="button" class="button" onClick=${this.reload}>${i("ui.pane_reload")}</button>
      </section>`:this.props.children}};var ze=t=>Math.round(t*137.508%360);function Qt(t){for(let{segment:e}of new Intl.Segmenter(void 0,{granularity:"grapheme"}).segment(t))if(/[\p{L}\p{N}]/u.test(e))return e.toLocaleUpperCase();return""}function I({id:t,name:e,picture:n,size:o=48,isOnline:s=!1,item:a=null}){return c`
    <span class="avatar" style=${{"--avatar-size":`${o}px`,"--avatar-hue":ze(t)}} aria-hidden="true">
      ${u(Xt,{key:`face ${n}`,url:n,text:Qt(e),className:"avatar-picture"})}
      ${a&&u(Xt,{key:`item ${a.image_url}`,url:a.image_url,text:Qt(a.title),className:"avatar-item"})}
      ${s&&c`<span class=${a?"avatar-online is-beside-item":"avatar-online"}></span>`}
    </span>`}function Xt({url:t,text:e,className:n}){let[o,s]=w(!1);return!t||o?c`<span class=${n}>${e}</span>`:c`<img class=${n} src=${t} alt="" loading="lazy" decoding="async" draggable=${!1} onError=${()=>s(!0)} />`}var A=8;function yt(t,e){let n=x(null);return q(()=>{let o=n.current;if(!o)return;let s=document.activeElement;return o.showPopover(),Be(o,t),e?.(o),()=>{let a=o.contains(document.activeElement)||document.activeElement===document.body;o.matches(":popover-open")&&o.hidePopover(),a&&s instanceof HTMLElement&&s.isConnected&&s.focus()}},[]),n}var bt=(t,e)=>n=>{n.newState!=="closed"||!(n.target instanceof Node)||!n.target.isConnected||e instanceof HTMLElement&&e.matches(":active")||t()};function Zt({label:t,anchor:e,onClose:n,children:o,class:s="",testId:a}){let l=yt(e,m=>m.focus()),r=m=>{m.stopPropagation(),m.key==="Escape"&&(m.preventDefault(),n())};return c`
    <div ref=${l} class=${`popup ${s}`} popover="auto" role="dialog" aria-label=${t} tabindex="-1" data-testid=${a}
      onKeyDown=${r} onToggle=${bt(n,e)}>${o}</div>`}function Be(t,e){let{width:n,height:o}=t.getBoundingClientRect(),{clientWidth:s,clientHeight:a}=document.documentElement,l=e instanceof HTMLElement?e.getBoundingClientRect():new DOMRect(e.x,e.y,0,0),r=e instanceof HTMLElement?4:0,m=l.bottom+r,d=m+o+A<=a?m:Math.max(A,l.top-r-o),E=l.left+n+A<=s?l.left:Math.max(A,l.right-n);t.style.setProperty("--popup-top",`${Math.max(A,Math.min(d,a-o-A))}px`),t.style.setProperty("--popup-left",`${E}px`)}function Jt({label:t,items:e,anchor:n,onClose:o,children:s}){let a=yt(n,r=>te(r)[0]?.focus());return c`
    <div ref=${a} class="menu" popover="auto" role="menu" aria-label=${t} data-testid="menu"
      onKeyDown=${r=>{if(r.stopPropagation(),r.key==="Escape"||r.key==="Tab")o();else if(!Ke(a.current,r.key))return;r.preventDefault()}} onToggle=${bt(o,n)} onContextMenu=${r=>r.preventDefault()}>
      ${s}
      ${e.map((r,m)=>r==="line"?c`<div key=${`line ${m}`} class="menu-line" role="separator"></div>`:c`
          <button key=${r.label} type="button" tabindex="-1" class=${r.isDangerous?"menu-item is-danger":"menu-item"}
            role=${r.isChecked===void 0?"menuitem":"menuitemradio"} aria-checked=${r.isChecked}
            data-testid=${r.testId} onClick=${()=>{o(),r.run()}}>
            ${r.icon&&u(v,{name:r.icon})}
            <span class="menu-label">${r.label}</span>
            ${r.isChecked&&u(v,{name:"check",size:18})}
          </button>`)}
    </div>`}var te=t=>[...t?.querySelectorAll("[role^='menuitem']")??[]];function Ke(t,e){let n=te(t),o=n.findIndex(l=>l===document.activeElement),s=n.length,a;if(e==="ArrowDown")a=(o+1)%s;else if(e==="ArrowUp")a=(Math.max(0,o)-1+s)%s;else if(e==="Home")a=0;else if(e==="End")a=s-1;else if([...e].length===1&&e!==" "){let l=n.map((m,d)=>(o+1+d)%s),r=e.toLocaleLowerCase();a=l.find(m=>n[m]?.textContent?.trim().toLocaleLowerCase().startsWith(r))??-1}else return!1;return n[a]?.focus(),!0}var He=["messages","pending","typing","pins","stars"],rt=class{#t=new Map;#e=new Map;#n=new Map;#o=new AbortController;session=f(null);account=k(()=>this.session.value?.user??null);isLoaded=f(!1);unreadTotal=f(0);constructor(e,n,o){this.client=e,this.router=n,this.screen=o,this.connection=f(ee(e.connection)),this.lists={active:f(e.state.list("active")),archived:f(e.state.list("archived")),snoozed:f(e.state.list("snoozed"))},this.selected=k(()=>n.route.value.name==="chat"?n.route.value.chatId:null),this.anchor=k(()=>n.route.value.name==="chat"?n.route.value.messageId:null);let s={signal:this.#o.signal};e.on("change",a=>mt(()=>this.#s(a)),s),e.on("connection",a=>{this.connection.value=ee(a)},s),e.on("sync",()=>mt(()=>this.#a()),s),e.on("refused",({error:a})=>this.showError(a),s),this.#a()}get me(){return this.client.state.me??this.account.value?.id??0}chat(e){return wt(this.#t,e,()=>this.client.state.chat(e))}revision(e,n){return wt(this.#e,`${e} ${n}`,()=>0)}presence(e){return wt(this.#n,e,()=>this.client.state.presence(e))}select(e,n=null){if(this.selected.value===e&&this.anchor.value===n)return;let o=!this.screen.isPhone.value&&this.selected.value!==null&&n===null;this.router.go({name:"chat",chatId:e,messageId:n},{replace:o})}deselect(){this.screen.isPhone.value?this.router.back():this.router.go({name:"list"})}async attempt(e){try{return await e}catch(n){this.showError(n);return}}async loadPart(e){try{return await e}catch(n){await C(n,o=>this.screen.showToast(o,{tone:"error"}));return}}showError(e){e instanceof DOMException&&e.name==="AbortError"||(e instanceof Ct?this.screen.showToast(e.message,{tone:"error"}):e instanceof Tt?this.screen.showToast(i("shell.unanswered"),{tone:"error"}):reportError(e))}#s({chatId:e,kinds:n,userIds:o}){if(n.has("reset"))return this.#a();if(e!==null){let s=this.#t.get(e);s&&(s.value=this.client.state.chat(e));for(let a of He)n.has(a)&&this.#r(`${e} ${a}`);n.has("removed")&&this.selected.value===e&&this.router.go({name:"list"},{replace:!0})}if(n.has("people"))for(let s of o){let a=this.#n.get(s);a&&(a.value=this.client.state.presence(s))}(n.has("list")||n.has("removed"))&&this.#i(),n.has("unread")&&(this.unreadTotal.value=this.client.state.unreadTotal??0)}#i(){let{state:e}=this.client;for(let n of["active","archived","snoozed"])this.lists[n].value=e.list(n)}#a(){let{state:e}=this.client;this.isLoaded.value=e.isLoaded,this.unreadTotal.value=e.unreadTotal??0,this.#i();for(let[n,o]of this.#t)o.value=e.chat(n);for(let[n,o]of this.#n)o.value=e.presence(n);for(let n of this.#e.keys())this.#r(n)}#r(e){let n=this.#e.get(e);n&&(n.value=n.peek()+1)}[Symbol.dispose](){this.#o.abort()}};function wt(t,e,n){let o=t.get(e);return o||(o=f(n()),t.set(e,o)),o}function ee({state:t,reason:e,attempts:n,retryAt:o,lostAt:s,isLeader:a}){return{state:t,reason:e,attempts:n,retryAt:o,lostAt:s,isLeader:a}}var xt=U(null);function g(){let t=Y(xt);if(!t)throw new Error("no store above this component");return t}function ne(){let t=g(),e=t.account.value,n=x(null),[o,s]=w(null),a=e?.name||e?.username||"";return c`
    <button ref=${n} type="button" class="account-button" aria-haspopup="menu" aria-expanded=${o!==null}
      aria-label=${i("shell.account_menu",{name:a})} data-testid="account-menu" onClick=${()=>s(o?null:"main")}>
      ${u(I,{id:e?.id??0,name:a,picture:e?.picture_url,size:36})}
    </button>
    ${o&&n.current&&u(Jt,{key:o,label:i("shell.account_menu",{name:a}),anchor:n.current,items:Ue(t,o,s),onClose:()=>s(null)},o==="main"?c`
        <div class="menu-person">
          <span class="menu-person-name" dir="auto">${a}</span>
          <span class="menu-person-mail">${e?e.email||`@${e.username}`:""}</span>
        </div>`:c`<div class="menu-title" aria-hidden="true">${i(`settings.${o}`)}</div>`)}`}function Ue(t,e,n){return e==="theme"?Ot.map(a=>({label:i(`settings.theme_${a}`),isChecked:M.value.theme===a,run:()=>F({theme:a})})):e==="language"?Lt.map(a=>({label:Dt[a],isChecked:H.value===a,run:()=>F({language:a})})):[...t.session.value?.roles?.includes("moderator")??!1?[{label:i("shell.moderation"),icon:"flag",testId:"open-admin",run:()=>location.assign("/admin")}]:[],{label:i("settings.title"),icon:"settings",testId:"open-settings",run:()=>t.router.go({name:"settings"})},{label:i("settings.theme"),icon:"moon",testId:"choose-theme",run:()=>n("theme")},{label:i("settings.language"),icon:"globe",testId:"choose-language",run:()=>n("language")},"line",{label:i("shell.log_out"),icon:"logout",testId:"log-out",run:()=>{t.attempt(t.client.auth.logout())}}]}async function oe(t,e){let n=e&&await Gt();F({notifications:n}),e&&!n&&t.screen.showToast(i("settings.notifications_blocked"),{tone:"error"})}var qe=12;function We(t){return k(()=>t.lists.active.value.filter(e=>{let n=t.chat(e).value;return e!==t.selected.value&&n!==void 0&&!n.is_muted&&D(n)}))}function se(){let t=g(),e=$t(),n=N(()=>We(t),[t]).value,o=x(null),[s,a]=w(!1),l=e.unseen.value,r=()=>{a(!s),e.markSeen()};return c`
    <button ref=${o} type="button" class="icon-button" aria-haspopup="dialog" aria-expanded=${s} data-testid="bell"
      aria-label=${i("shell.notifications_count",{count:n.length})} title=${i("shell.notifications")} onClick=${r}>
      ${u(v,{name:"bell"})}
      ${n.length>0&&c`<span class=${l?"bell-count count":"bell-count count is-quiet"} aria-hidden="true">${R(n.length)}</span>`}
    </button>
    ${s&&o.current&&u(Zt,{label:i("shell.notifications"),anchor:o.current,onClose:()=>a(!1),class:"bell-popup",testId:"bell-popup"},c`
      <h2 class="bell-title">${i("shell.notifications")}</h2>
      ${n.length?c`<ul class="bell-list">${n.slice(0,qe).map(m=>u(Ye,{key:m,chatId:m,onOpen:()=>a(!1)}))}</ul>`:c`<p class="bell-empty">${i("shell.no_notifications")}</p>`}
      ${ot()&&!M.value.notifications&&c`
        <button type="button" class="button is-wide" data-testid="allow-notifications" onClick=${()=>oe(t,!0)}>${i("shell.allow_notifications")}</button>`}`)}`}function Ye({chatId:t,onOpen:e}){let n=g(),o=$t(),s=n.chat(t).value;if(!s)return null;let a=o.recent.value.filter(m=>m.chatId===t),l=a[0]?.text??(s.last_message?J(s.last_message,n.me,s.kind==="group"):""),r=()=>{e(),n.select(t,a.at(-1)?.messageId??null)};return c`
    <li>
      <button type="button" class="bell-entry" data-testid=${`bell-chat-${t}`} onClick=${r}>
        ${u(I,{id:et(s),name:S(s),picture:tt(s),size:36})}
        <span class="bell-texts">
          <span class="bell-name"><span dir="auto">${S(s)}</span><time datetime=${s.last_message_at}>${Q(s.last_message_at)}</time></span>
          <span class="bell-text" dir="auto">${l}</span>
        </span>
        ${s.unread_count>0&&c`<span class="count">${R(s.unread_count)}<span class="visually-hidden"> ${i("chats.unread")}</span></span>`}
      </button>
    </li>`}var Ge=["all","unread","selling","buying","groups","snoozed","archived"],kt=t=>t==="archived"||t==="snoozed"?t:"active",je={unread:D,selling:(t,e)=>ae(t)&&t.seller_id===e,buying:(t,e)=>ae(t)&&t.buyer_id===e,groups:t=>t.kind==="group"},ae=t=>t.kind==="listing"||t.kind==="storefront_product",Ve=t=>t?.kind==="assistant"&&t.role==="owner";function ie(t,e){let n=je[e],o=t.lists[kt(e)];return k(()=>{let s=o.value.filter(l=>!Ve(t.client.state.chat(l)));if(!n)return s;let a=t.selected.value;return s.filter(l=>{let r=t.chat(l).value;return r!==void 0&&(n(r,t.me)||e==="unread"&&l===a)})})}function re({filter:t,onChange:e,hasSnoozed:n}){let o=Ge.filter(s=>s!=="snoozed"||n||t===s);return c`
    <div class="filters" role="group" aria-label=${i("chats.filters")}>
      ${o.map(s=>c`
        <button key=${s} type="button" class="filter" aria-pressed=${s===t} data-testid=${`filter-${s}`}
          onClick=${a=>{e(s),a.currentTarget instanceof HTMLElement&&a.currentTarget.scrollIntoView({block:"nearest",inline:"nearest"})}}>${i(`chats.filter_${s}`)}</button>`)}
    </div>`}function lt(){return c`
    <svg class="empty-drawing" width="132" height="96" viewBox="0 0 132 96" fill="none" stroke="currentColor" stroke-width="2"
      stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
      <path d="M22 8h52a14 14 0 0 1 14 14v16a14 14 0 0 1-14 14H38L22 64V52a14 14 0 0 1-14-14V22A14 14 0 0 1 22 8" />
      <path d="M98 32h12a14 14 0 0 1 14 14v14a14 14 0 0 1-14 14v12L96 74H70a14 14 0 0 1-13-9" />
      <path d="M30 24h36M30 36h22" class="empty-drawing-text" />
    </svg>`}function le(t){if(t.altKey||t.ctrlKey||t.metaKey||t.shiftKey)return;let n=[...t.currentTarget.querySelectorAll("[data-chat-id]")],o=n.findIndex(l=>l===document.activeElement);if(o<0||!n.length)return;let a={ArrowDown:o+1,ArrowUp:o-1,Home:0,End:n.length-1}[t.key];a!==void 0&&(t.preventDefault(),n[Math.min(n.length-1,Math.max(0,a))]?.focus())}var _t=20,ct=class{#t;#e;#n=1;isLoading=f(!1);hasMore=f(!0);error=f(null);constructor(e,n,o){this.#t=e,this.#e=n,this.#n=Math.floor(o/_t)+1}async loadMore(){if(!(this.isLoading.peek()||!this.hasMore.peek())){this.isLoading.value=!0,this.error.value=null;try{let e=await this.#t.listChats({...this.#e,page:this.#n,limit:_t});this.#n+=1,this.hasMore.value=e.length===_t}catch(e){this.error.value=e}finally{this.isLoading.value=!1}}}};function Qe(t,e){let n=ce(e).split(/\s+/).filter(Boolean),o=[];for(let s of t.split(/([\p{L}\p{M}\p{N}]+)/u)){let a=ce(s),l=Math.max(0,...n.filter(d=>a.startsWith(d)).map(d=>d.length)),r=[...s.normalize("NFC")];l&&o.push({text:r.slice(0,l).join(""),hit:!0});let m=r.slice(l).join("");m&&o.push({text:m,hit:!1})}return o}var Xe=/[\u0300-\u036f]/g,ce=t=>t.normalize("NFD").replace(Xe,"").toLocaleLowerCase();function Et({text:t,query:e}){return Qe(t,e).map(({text:n,hit:o})=>o?c`<mark>${n}</mark>`:n)}function es({fragments:t}){return t.map(({text:e,hit:n})=>n?c`<mark>${e}</mark>`:e)}function me({chatId:t,isSelected:e,isReachable:n,query:o="",onOpen:s,onMenu:a}){let l=g(),r=l.chat(t).value;if(!r)return null;let m=r.other_user?l.presence(r.other_user.id).value.isOnline:!1,d=D(r),$=S(r),E=["chat-row",e&&"is-selected",d&&"is-unread",r.is_muted&&"is-muted"].filter(Boolean).join(" "),p=y=>{y.metaKey||y.ctrlKey||y.shiftKey||y.button||(y.preventDefault(),s(t))},h=y=>{y.preventDefault();let K=y.currentTarget;a(t,y.clientX||y.clientY?{x:y.clientX,y:y.clientY}:K)};return c`
    <li class="chat-entry">
      <a class=${E} href=${st({name:"chat",chatId:t,messageId:null})} data-testid=${`chat-item-${t}`}
        data-chat-id=${t} aria-current=${e?"page":void 0} tabindex=${n?0:-1} draggable=${!1}
        onClick=${p} onContextMenu=${h}>
        ${u(I,{id:et(r),name:$,picture:tt(r),isOnline:m,item:r.item??null})}
        <span class="chat-lines">
          <span class="chat-line">
            <span class="chat-name" dir="auto">${o?u(Et,{text:$,query:o}):$}</span>
            ${r.item&&c`<span class="chat-item-title" dir="auto">${o?u(Et,{text:ue(r),query:o}):ue(r)}</span>`}
            ${m&&c`<span class="visually-hidden">${i("chats.online")}</span>`}
            <time class="chat-time" datetime=${r.last_message_at} title=${V(r.last_message_at)}>${Q(r.last_message_at)}</time>
          </span>
          <span class="chat-line">
            ${u(Ze,{chat:r})}
            ${u(Je,{chat:r,unread:d})}
          </span>
        </span>
      </a>
    </li>`}var ue=t=>t.item?.title||i("chats.item_gone");function Ze({chat:t}){let e=g(),n=t.kind==="group";if(t.typing.length){let r=t.typing.map(d=>e.client.state.person(d)?.name??"").filter(Boolean).slice(0,2),m=n&&r.length?i("chats.typing_names",{names:X(r),count:r.length}):i("chats.typing");return c`<span class="chat-text is-typing" data-testid="chat-typing" dir="auto">${m}</span>`}if(t.draft&&e.selected.value!==t.id)return c`
      <span class="chat-text" dir="auto"><span class="chat-draft">${i("chats.draft")}</span> ${t.draft.replace(/\s+/g," ")}</span>`;if(!t.last_message)return c`<span class="chat-text is-soft">${i("chats.no_messages")}</span>`;let{author:o,icon:s,text:a,isSoft:l}=ht(t.last_message,e.me,n);return c`
    <span class=${l?"chat-text is-soft":"chat-text"} dir="auto">
      ${o?c`<span class="chat-author">${o}: </span>`:null}${s&&u(v,{name:s,size:15})}${a}
    </span>`}function Je({chat:t,unread:e}){return c`
    <span class="chat-marks">
      ${t.pending_count>0&&c`<span title=${i("chats.pending")}>${u(v,{name:"clock",size:15})}<span class="visually-hidden">${i("chats.pending")}</span></span>`}
      ${t.is_muted&&c`<span title=${i("chats.muted")}>${u(v,{name:"mute",size:15})}<span class="visually-hidden">${i("chats.muted")}</span></span>`}
      ${t.is_pinned&&!e&&c`<span title=${i("chats.pinned")}>${u(v,{name:"pin",size:15})}<span class="visually-hidden">${i("chats.pinned")}</span></span>`}
      ${e&&c`
        <span class=${t.is_muted?"count is-quiet":"count"} data-testid="unread-badge">
          <span aria-hidden="true">${t.unread_count?R(t.unread_count):""}</span>
          <span class="visually-hidden">${t.unread_count?i("chats.unread_count",{count:t.unread_count}):i("chats.marked_unread")}</span>
        </span>`}
    </span>`}var tn=700;function de({filter:t,onNew:e,onMenu:n}){let o=g(),s=N(()=>ie(o,t),[o,t]).value,a=kt(t),l=N(()=>new ct(o.client,{archived:a==="archived",snoozed:a==="snoozed"},o.lists[a].peek().length),[o,a,o.isLoaded.value]),r=x(null),m=W(p=>o.select(p),[o]),d=()=>{let p=r.current;!p||!o.isLoaded.value||l.error.peek()||p.scrollHeight-p.scrollTop-p.clientHeight<tn&&l.loadMore()};_(d,[s,l,l.isLoading.value,o.isLoaded.value]);let $=o.selected.value,E=$!==null&&s.includes($)?$:s[0];return!o.isLoaded.value&&!s.length?u(nn,{}):c`
    <div class="chat-scroller" ref=${r} onScroll=${d} onKeyDown=${le}>
      <ul class="chat-list" aria-label=${i(`chats.filter_${t}`)} data-testid="chat-list">
        ${s.map(p=>u(me,{key:p,chatId:p,isSelected:p===$,isReachable:p===E,onOpen:m,onMenu:n}))}
      </ul>
      ${l.isLoading.value&&s.length>0&&c`<div class="list-loading" role="status">${i("chats.loading")}</div>`}
      ${l.error.value!==null&&c`
        <div class="list-failed" role="alert">
          <span>${i("chats.load_failed")}</span>
          <button type="button" class="link-button" onClick=${()=>l.loadMore()}>${i("shell.try_now")}</button>
        </div>`}
      ${!s.length&&!l.isLoading.value&&l.error.value===null&&u(en,{filter:t,onNew:e})}
    </div>`}function en({filter:t,onNew:e}){return c`
    <div class="empty" data-testid="empty-list">
      ${u(lt,{})}
      <p class="empty-text">${i(`chats.empty_${t}`)}</p>
      ${t==="all"&&c`
        <p class="empty-hint">${i("chats.empty_hint")}</p>
        <button type="button" class="button is-primary" onClick=${e}>${i("chats.new_chat")}</button>`}
    </div>`}function nn(){return c`
    <div class="chat-skeletons" role="status" aria-label=${i("chats.loading")}>
      ${[0,1,2,3,4].map(t=>c`
        <div key=${t} class="chat-skeleton"><span class="skeleton is-round"></span><span class="skeleton"></span><span class="skeleton"></span></div>`)}
    </div>`}var on=256;function pe(){let t=g(),[e,n]=w(""),[o,s]=w("all"),a=x(null),[l,r]=w(null),m=W(async(h,y)=>{let K=await t.loadPart(import("./chat-menu-7UK7WM4K.js"));K&&r({View:K.ChatMenu,open:{chatId:h,anchor:y,page:"main"}})},[t]),d=async()=>{let h=await t.loadPart(import("./new-chat-NXSEQBKO.js"));h&&t.screen.openDialog(y=>u(h.NewChatDialog,{onClose:y}))},$=()=>{let h=a.current?.querySelector("[data-chat-id]");h instanceof HTMLElement&&h.focus()},E=h=>{if(!h.isComposing){if(h.key==="Escape"&&e)n("");else if(h.key==="ArrowDown")$();else return;h.preventDefault()}},p=e.trim();return c`
    <div class="chats" ref=${a}>
      <header class="chats-head">
        ${u(ne,{})}
        <h1 class="chats-title">${i("chats.title")}</h1>
        ${u(se,{})}
        <button type="button" class="icon-button" aria-label=${i("chats.new_chat")} title=${i("chats.new_chat")} data-testid="new-chat" onClick=${d}>
          ${u(v,{name:"compose"})}
        </button>
      </header>
      <div class="search-field" role="search">
        ${u(v,{name:"search",size:18})}
        <input type="search" class="input" value=${e} maxlength=${on} placeholder=${i("chats.search")} aria-label=${i("chats.search")}
          aria-keyshortcuts="Control+K Meta+K" autocomplete="off" enterkeyhint="search" data-testid="chat-search"
          onInput=${h=>{h.currentTarget instanceof HTMLInputElement&&n(h.currentTarget.value)}}
          onKeyDown=${E} />
        ${e&&c`
          <button type="button" class="icon-button is-small" aria-label=${i("chats.clear_search")} onClick=${()=>n("")}>${u(v,{name:"close",size:16})}</button>`}
      </div>
      ${!p&&u(re,{filter:o,onChange:s,hasSnoozed:t.lists.snoozed.value.length>0})}
      ${p?u(Kt,{query:p,onQuery:n,onMenu:m}):u(de,{key:o,filter:o,onNew:d,onMenu:m})}
      ${l&&u(l.View,{key:`${l.open.chatId} ${l.open.page}`,...l.open,onClose:()=>r(null),onPage:h=>r({...l,open:{...l.open,page:h}})})}
      <footer class="chats-foot">
        <button type="button" class="ask-shop" data-testid="ask-shop" aria-current=${t.router.route.value.name==="assistant"?"page":void 0}
          onClick=${()=>t.router.go({name:"assistant"})}>${u(v,{name:"sparkle"})}<span>${i("assistant.ask_shop")}</span></button>
        <a href="/swagger/" class="foot-link">${i("shell.api")}</a>
      </footer>
    </div>`}var fe=2e3,sn=2e3,an=10;function rn({state:t,attempts:e,lostAt:n},o){return t==="stopped"||t==="disconnected"||t==="live"&&o?null:o?e>=an?"unreachable":t==="polling"?"polling":n===null&&e===0?null:"reconnecting":"offline"}function ln(t,e){let n=null,o=0,s=l=>{n=l,e(l)},a=P(()=>{let l=t.connection.value,r=rn(l,t.screen.isOnline.value);if(clearTimeout(o),r!==null){let m=l.lostAt===null?0:Date.now()-l.lostAt;n!==null&&n!=="back"?s(r):o=setTimeout(s,Math.max(0,Math.min(fe,fe-m)),r)}else n!==null&&l.state==="live"?(s("back"),o=setTimeout(s,sn,null)):s(null)});return()=>{a(),clearTimeout(o)}}function he(){let t=g(),e=Pt(null);_(()=>ln(t,s=>{e.value=s}),[t]);let n=e.value,o=n==="polling"||n==="unreachable";return c`
    <div class="connection-bar-place" role="status">
      ${n&&c`
        <div class=${`connection-bar is-${n}`} data-testid="connection-bar" data-state=${n}>
          <span>${i(`shell.connection_${n}`)}</span>
          ${o&&c`
            <button type="button" class="link-button" onClick=${()=>t.client.connection.retryNow()}>${i("shell.try_now")}</button>`}
        </div>`}
    </div>`}function ge(){return c`
    <div role="status">
      ${Ft.value&&c`
        <div class="connection-bar is-outdated" data-testid="outdated-bar">
          <span>${i("shell.outdated")}</span>
          <button type="button" class="link-button" onClick=${()=>location.reload()}>${i("shell.reload")}</button>
        </div>`}
    </div>`}var cn=["chats","main","details"],un="[data-pane-entry], textarea, a[href]:not([tabindex='-1']), button:not([tabindex='-1'])";function mn(t){let e=cn.map(a=>document.querySelector(`[data-pane-name="${a}"]`)).filter(a=>a instanceof HTMLElement&&a.checkVisibility()),n=e.findIndex(a=>a?.contains(document.activeElement)),s=e[(n+t+e.length)%e.length]?.querySelector(un);s instanceof HTMLElement&&s.focus()}function dn(t,e){let n=t.lists.active.value,o=t.selected.value===null?e>0?-1:n.length:n.indexOf(t.selected.value),s=e>0?n.slice(o+1):n.slice(0,Math.max(0,o)).reverse(),a=l=>{let r=t.chat(l).peek();return r!==void 0&&(r.unread_count>0||r.is_marked_unread)};return s.find(a)??s[0]}function $e(t){_(()=>{let e=n=>{if(n.defaultPrevented||n.isComposing||t.screen.dialogs.value.length)return;let{key:o}=n;if(o==="F6")mn(n.shiftKey?-1:1);else if((n.ctrlKey||n.metaKey)&&!n.altKey&&!n.shiftKey&&o.toLowerCase()==="k")pn(t);else if(n.altKey&&!n.ctrlKey&&!n.metaKey&&(o==="ArrowDown"||o==="ArrowUp")){let s=dn(t,o==="ArrowDown"?1:-1);s!==void 0&&t.select(s)}else return;n.preventDefault()};return addEventListener("keydown",e),()=>removeEventListener("keydown",e)},[t])}function pn(t){t.screen.isPhone.value&&t.router.route.value.name!=="list"&&t.router.go({name:"list"}),requestAnimationFrame(()=>{let e=document.querySelector("[data-testid='chat-search']");e instanceof HTMLInputElement&&(e.focus(),e.select())})}function B({title:t,onClose:e,children:n,actions:o,class:s="",isAlert:a=!1,testId:l}){let r=Nt(),m=x(null);q(()=>{let p=m.current,h=document.activeElement;return p?.showModal(),()=>{p?.close(),h instanceof HTMLElement&&h.isConnected&&h.focus()}},[]);let d=p=>{p.preventDefault(),a||e()},$=p=>{p.key==="Escape"&&d(p),p.stopPropagation()},E=p=>{p.target===m.current&&!a&&e()};return c`
    <dialog ref=${m} class=${`dialog ${s}`} role=${a?"alertdialog":"dialog"} aria-labelledby=${r}
      data-testid=${l} onCancel=${d} onKeyDown=${$} onPointerDown=${E}>
      <div class="dialog-frame">
        <header class="dialog-head">
          <h2 id=${r} class="dialog-title">${t}</h2>
          ${!a&&c`
            <button type="button" class="icon-button" aria-label=${i("ui.close")} onClick=${e}>${u(v,{name:"close"})}</button>`}
        </header>
        <div class="dialog-body">${n}</div>
        ${o&&c`<footer class="dialog-actions">${o}</footer>`}
      </div>
    </dialog>`}function Ys({title:t,text:e,confirm:n,onConfirm:o,onClose:s,isDangerous:a=!1}){let l=()=>{s(),o()},r=c`
    <button type="button" class="button" onClick=${s}>${i("ui.cancel")}</button>
    <button type="button" class=${`button ${a?"is-danger":"is-primary"}`} data-testid="confirm" onClick=${l}>${n}</button>`;return u(B,{title:t,onClose:s,actions:r,class:"is-small",testId:"confirmation"},c`<p>${e}</p>`)}function ve(){let t=g(),{state:e,reason:n}=t.connection.value;if(e!=="stopped"||n===null)return null;let{title:o,text:s,label:a,run:l}=fn(t,n),r=c`<button type="button" class="button is-primary" data-testid="stopped-action" onClick=${l}>${a}</button>`;return u(B,{title:o,onClose:l,actions:r,isAlert:!0,class:"is-small",testId:`stopped-${n}`},c`<p>${s}</p>`)}function fn(t,e){if(e==="replaced")return{title:i("shell.replaced_title"),text:i("shell.replaced_text"),label:i("shell.use_here"),run:()=>t.client.connect()};if(e==="unauthorized"){let n=encodeURIComponent(location.pathname+location.hash);return{title:i("shell.signed_out_title"),text:i("shell.signed_out_text"),label:i("shell.log_in_again"),run:()=>location.assign(`/login?next=${n}`)}}return{title:i("shell.refused_title"),text:i("shell.refused_text"),label:i("shell.reload"),run:()=>location.reload()}}function ye(){let{screen:t}=g();return c`
    <div class="toasts" role="status">
      ${t.toasts.value.map(({id:e,text:n,tone:o,action:s})=>c`
        <div key=${e} class=${`toast is-${o}`} data-testid="toast">
          <span class="toast-text" dir="auto">${n}</span>
          ${s&&c`
            <button type="button" class="link-button" onClick=${()=>{t.dismissToast(e),s.run()}}>${s.label}</button>`}
          <button type="button" class="icon-button is-small" aria-label=${i("ui.close")} onClick=${()=>t.dismissToast(e)}>
            ${u(v,{name:"close",size:16})}
          </button>
        </div>`)}
    </div>`}function be(t,e){return[...new Map([...t,...e].map(o=>[o.id,o])).values()].filter(o=>o.acknowledged_at===null).sort((o,s)=>o.id-s.id)}function we(){let t=g(),[e,n]=w([]);_(()=>{let l=new AbortController,r=d=>{l.signal.aborted||n($=>be($,d))},m=()=>{t.client.listWarnings().then(r,()=>{})};return t.client.on("sync",m,{signal:l.signal}),t.client.on("warning",d=>r([d]),{signal:l.signal}),m(),()=>l.abort()},[t]);let[o]=e;if(!o)return null;let s=async()=>{let l=new Date().toISOString();await t.attempt(t.client.acknowledgeWarning(o.id).then(()=>n(r=>be(r,[{...o,acknowledged_at:l}]))))},a=c`
    <button type="button" class="button is-primary" data-testid="acknowledge" onClick=${s}>${i("shell.warning_read")}</button>`;return u(B,{key:o.id,title:i("shell.warning_title"),onClose:s,actions:a,isAlert:!0,class:"is-small",testId:"warning"},c`
    <p class="warning-reason" dir="auto">${o.reason}</p>
    <p class="field-label">${V(o.created_at)}</p>`)}function xe(){let t=g(),{screen:e,router:n}=t,o=n.route.value,s=o.name==="chat"&&e.details.value;return $e(t),c`
    <div class="shell" data-pane=${o.name==="list"?"chats":"main"} data-details=${s?"open":"closed"}>
      ${u(ge,{})}
      ${u(he,{})}
      <main class="panes">
        <nav class="pane pane-chats" aria-label=${i("chats.title")} data-pane-name="chats">
          ${u(T,{name:"chats"},u(pe,{}))}
        </nav>
        <section class="pane pane-main" aria-label=${i("shell.content")} data-pane-name="main">
          ${u(T,{name:"main",key:hn(o)},u(gn,{route:o}))}
        </section>
        ${s&&c`
          <div class="details-scrim" onClick=${()=>{e.details.value=!1}}></div>
          <section class="pane pane-details" aria-label=${i("shell.details")} data-pane-name="details">
            ${u(T,{name:"details",key:o.chatId},u(Bt,{chatId:o.chatId}))}
          </section>`}
      </main>
      ${u(ye,{})}
      ${u(Vt,{})}
      ${e.dialogs.value.map((a,l)=>u(T,{key:l,name:"dialog"},a()))}
      ${u(T,{name:"warnings"},u(we,{}))}
      ${u(ve,{})}
    </div>`}var hn=t=>t.name==="chat"?`chat ${t.chatId}`:t.name;function gn({route:t}){return t.name==="chat"?u(j,{chatId:t.chatId,anchor:t.messageId}):t.name==="assistant"?u(zt,{}):t.name==="settings"?u(Ht,{}):c`
    <div class="empty">
      ${u(lt,{})}
      <p class="empty-text">${i("shell.pick_a_chat")}</p>
      <p class="empty-hint">${i("shell.shortcut_hint")}</p>
    </div>`}var ke=()=>new Promise(t=>setTimeout(t));function $n(t){location.replace(`/login?next=${encodeURIComponent(t)}`)}async function vn(t){try{t.session.value=await t.client.auth.me()}catch(e){e instanceof St?$n(location.pathname+location.hash):t.showError(e)}}async function yn(){await Rt();let t=new Mt({language:()=>H.value}),e=new rt(t,new at(window),new it(window)),n=new nt(e);t.on("signedOut",({reason:s})=>{s==="logout"&&location.replace("/login")}),t.connect(),vn(e),await ke();let o=document.getElementById("app");o.replaceChildren(),At(c`
    <${xt.Provider} value=${e}>
      <${gt.Provider} value=${n}>${u(xe,{})}<//>
    <//>`,o),await ke(),await j.preload()}yn().catch(t=>{reportError(t);let e=document.getElementById("start-error");e&&(e.hidden=!1)});export{G as a,T as b,pt as c,Sn as d,Tn as e,Mn as f,Ln as g,Ee as h,V as i,Dn as j,Q as k,In as l,X as m,Zt as n,Jt as o,g as p,B as q,Ys as r,I as s,no as t,Me as u,Yt as v,lt as w,st as x,ce as y,es as z,le as A,S as B,D as C,me as D,ot as E,oe as F};
