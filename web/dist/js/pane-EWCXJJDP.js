import{a as U,b as It}from"./chunk-FZUQQPCT.js";import{b as Ct,c as Et,d as Dt,e as Pt,f as dt,g as Lt}from"./chunk-SBDCKQPZ.js";import{b as At}from"./chunk-Y4HBH3GJ.js";import"./chunk-LCENP6MO.js";import{c as Ot}from"./chunk-YPHZ4V6T.js";import{a as kt,c as O,d as _t,f as W,h as xt,i as F,j as ct,k as St,m as Mt,n as V,o as G,p as X,q as z,r as Tt,s as B,t as Rt,v as Nt}from"./chunk-27RTQAVN.js";import{A as x,B as D,C as q,E as N,G as M,J as wt,K as vt,L as d,P as w,b as at,q as a,r as c,s as H,t as lt,w as v,y as k,z as yt}from"./chunk-MDBE6VA6.js";function Ft(n,t,e){return`${Math.abs(n).toFixed(5)}\xB0 ${n<0?e:t}`}function Q({location:n}){let{latitude:t,longitude:e,address:s}=n;if(!(Number.isFinite(t)&&Number.isFinite(e)))return null;let o=`https://www.openstreetmap.org/?mlat=${t}&mlon=${e}#map=16/${t}/${e}`;return d`
    <a class="location" href=${o} target="_blank" rel="noopener noreferrer" aria-label=${a("message.open_map",{place:s||`${t}, ${e}`})}>
      <svg class="location-map" viewBox="0 0 280 120" preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">
        <rect class="map-ground" width="280" height="120" />
        <path class="map-park" d="M0 0h84l-26 46L0 58zM196 78l84-26v68h-98z" />
        <path class="map-river" d="M-10 104C60 74 96 118 150 96S240 20 290 26" />
        <path class="map-road" d="M58-10 98 130M-10 34l300 30M190-10l-34 140M224-10l20 140M-10 82l180 48" />
        <ellipse class="map-shadow" cx="140" cy="84" rx="9" ry="3" />
        <path class="map-pin" d="M140 84s-19-17.500-19-33a19 19 0 0 1 38 0c0 15.500-19 33-19 33z" />
        <circle class="map-dot" cx="140" cy="51" r="6.500" />
      </svg>
      <span class="location-texts">
        <span class="location-title">${s||a("message.location")}</span>
        <span class="location-place">${Ft(t,"N","S")}, ${Ft(e,"E","W")}</span>
      </span>
    </a>`}var xe=15e3,Se=/^\s*(-?\d{1,3}(?:[.]\d+)?)\s*°?\s*[,;\s]\s*(-?\d{1,3}(?:[.]\d+)?)\s*°?\s*$/u;function Me(n){let t=Se.exec(n);if(!t)return null;let e=Number(t[1]),s=Number(t[2]);return Math.abs(e)<=90&&Math.abs(s)<=180?{latitude:e,longitude:s}:null}function Ce(){return new Promise((n,t)=>{navigator.geolocation.getCurrentPosition(({coords:e})=>n({latitude:Number(e.latitude.toFixed(6)),longitude:Number(e.longitude.toFixed(6))}),t,{enableHighAccuracy:!0,timeout:xe,maximumAge:6e4})})}function Ee({onSend:n,onClose:t}){let[e,s]=v(""),[i,o]=v(""),[r,l]=v("idle"),m=Me(e),u=m&&{...m,...i.trim()?{address:i.trim()}:{}};async function g(){l("asking");try{let f=await Ce();s(`${f.latitude}, ${f.longitude}`),l("idle")}catch{l("refused")}}function p(f){f.preventDefault(),u&&(n(u),t())}let h=N(),$=d`
    <button type="button" class="button" onClick=${t}>${a("ui.cancel")}</button>
    <button type="submit" form=${h} class="button is-primary" disabled=${!u} data-testid="send-location">${a("composer.send")}</button>`;return c(z,{title:a("composer.location_title"),onClose:t,actions:$,testId:"location-dialog"},d`
    <form id=${h} class="dialog-form" onSubmit=${p}>
      <button type="button" class="button" disabled=${r==="asking"} onClick=${()=>{g()}}>
        ${c(w,{name:"location",size:18})}${a(r==="asking"?"composer.locating":"composer.my_location")}
      </button>
      ${r==="refused"&&d`<p class="field-error" role="alert">${a("composer.no_location")}</p>`}
      <label class="field">
        <span class="field-label">${a("composer.coordinates")}</span>
        <input class="input" type="text" inputmode="text" placeholder="45.25167, 19.83694" value=${e} aria-invalid=${e!==""&&!m}
          data-testid="coordinates" onInput=${f=>s(f.currentTarget.value)} />
      </label>
      ${e!==""&&!m&&d`<p class="field-error" role="alert">${a("composer.bad_coordinates")}</p>`}
      <label class="field">
        <span class="field-label">${a("composer.address")}</span>
        <input class="input" type="text" maxlength="200" value=${i}
          onInput=${f=>o(f.currentTarget.value)} />
      </label>
      ${u&&c(Q,{location:u})}
    </form>`)}function Bt(n,t){n.screen.openDialog(e=>c(Ee,{onSend:t,onClose:e}))}var ut=10,Ut="image/jpeg,image/png,image/gif,image/webp,video/mp4,video/webm,audio/*,application/pdf",Te=400,Y=class{#t=new Map;#n=1;constructor(t,{tiles:e,maxBytes:s,onFault:i}){this.client=t,this.tiles=e,this.maxBytes=s,this.onFault=i}get isUploading(){return this.tiles.value.some(t=>t.state==="uploading")}get hasFailed(){return this.tiles.value.some(t=>t.state==="failed")}get attachments(){return this.tiles.value.flatMap(({attachment:t})=>t??[])}add(t){let e=t.filter(({size:r})=>r>this.maxBytes),s=t.filter(({size:r})=>r===0),i=t.filter(r=>!e.includes(r)&&!s.includes(r)),o=ut-this.tiles.value.length;for(let r of i.slice(0,o))this.#e(r);return{tooLarge:e.map(({name:r})=>r),empty:s.map(({name:r})=>r),hasTooMany:i.length>o}}#e(t){let e=this.#n++;this.tiles.value=[...this.tiles.value,{id:e,file:t,progress:0,state:"uploading",error:"",attachment:null}],this.#s(e,t)}async#s(t,e){let s=performance.now(),i=this.client.upload(e,{onProgress:o=>this.#i(t,{progress:o})});this.#t.set(t,i);try{let o=await i.stored,r=Te-(performance.now()-s);r>0&&await new Promise(l=>{setTimeout(l,r)}),this.#i(t,{state:"stored",progress:1,attachment:o})}catch(o){if(o instanceof DOMException&&o.name==="AbortError")return;o instanceof at||this.onFault(o),this.#i(t,{state:"failed",error:o instanceof at?o.message:""})}finally{this.#t.delete(t)}}#i(t,e){this.tiles.value=this.tiles.value.map(s=>s.id===t?{...s,...e}:s)}retry(t){let e=this.tiles.value.find(s=>s.id===t);!e||e.state!=="failed"||(this.#i(t,{state:"uploading",progress:0,error:""}),this.#s(t,e.file))}remove(t){this.#t.get(t)?.cancel();let e=this.tiles.value.find(s=>s.id===t);this.tiles.value=this.tiles.value.filter(s=>s.id!==t),e?.attachment&&this.client.deleteAttachment(e.attachment.id).catch(()=>{})}clear(){this.tiles.value=[]}[Symbol.dispose](){for(let{id:t}of this.tiles.value)this.remove(t)}};function Kt({store:n,isDisabled:t,onFiles:e,onLocation:s}){let[i,o]=v(null),r=x(null);function l(m){let u=m.currentTarget;e([...u.files??[]]),u.value=""}return d`
    <input type="file" class="visually-hidden" multiple accept=${Ut} tabindex="-1" aria-hidden="true" ref=${r} disabled=${t} onChange=${l} />
    <button type="button" class="icon-button" aria-label=${a("composer.attach")} title=${a("composer.attach")} aria-haspopup="menu" aria-expanded=${!!i}
      disabled=${t} data-testid="attach-button"
      onClick=${m=>o(m.currentTarget)}>
      ${c(w,{name:"plus"})}
    </button>
    ${i&&c(G,{label:a("composer.attach"),anchor:i,onClose:()=>o(null),items:[{icon:"attach",label:a("composer.choose_files"),run:()=>r.current?.click(),testId:"choose-files"},{icon:"location",label:a("composer.send_location"),run:()=>Bt(n,s),testId:"choose-location"}]})}`}function J({anchor:n,onChoose:t,onClose:e}){let s=X(),[i,o]=v(null);return k(()=>{s.loadPart(kt(import("./emoji-L26X5WYX.js"),"emoji")).then(r=>r?o({View:r.EmojiPicker}):e())},[]),c(V,{label:a("composer.emoji"),class:"is-emoji",anchor:n,onClose:e,testId:"emoji-popup"},i?c(i.View,{onChoose:t}):d`<div class="emoji-loading" aria-busy="true">${a("message.loading")}</div>`)}function zt({onChoose:n}){let[t,e]=v(null);return d`
    <button type="button" class="icon-button" aria-label=${a("composer.emoji")} title=${a("composer.emoji")} aria-haspopup="dialog" aria-expanded=${!!t}
      data-testid="emoji-button" onClick=${s=>e(t?null:s.currentTarget)}>
      ${c(w,{name:"smile"})}
    </button>
    ${t&&c(J,{anchor:t,onClose:()=>e(null),onChoose:n})}`}var jt=200;function Ht({text:n,label:t,isCoarse:e,describedBy:s,activeOption:i,onText:o,onSend:r,onKey:l,onFiles:m,onPasteText:u,fieldRef:g}){let p=x(null);yt(()=>{let f=p.current;f&&(f.style.height="auto",f.style.height=`${Math.min(jt,f.scrollHeight)}px`,f.style.overflowY=f.scrollHeight>jt?"auto":"hidden")},[n]);function h(f){f.isComposing||f.keyCode===229||!p.current||(l(f,p.current),!(f.defaultPrevented||f.key!=="Enter"||f.shiftKey||f.altKey)&&(e&&!f.ctrlKey&&!f.metaKey||(f.preventDefault(),r())))}function $(f){let _=[...f.clipboardData?.files??[]];if(_.length){f.preventDefault(),m(_);return}u(f,f.clipboardData?.getData("text/plain")??"")}return d`
    <textarea class="composer-field" rows="1" dir="auto" data-testid="message-input" autocomplete="off" enterkeyhint=${e?"enter":"send"}
      aria-label=${t} placeholder=${t} aria-describedby=${s} aria-activedescendant=${i}
      aria-autocomplete=${i?"list":null} value=${n}
      ref=${f=>{p.current=f,g(f)}}
      onInput=${f=>{let _=f.currentTarget;o(_.value,_.selectionStart)}}
      onKeyDown=${h} onPaste=${$}></textarea>`}function qt(n,t){let[e,s]=v([]),i=x(!1);return k(()=>{!t||i.current||(i.current=!0,n.store.attempt(n.client.groups.members(n.chatId,{limit:100})).then(o=>{o?s(o.members):i.current=!1}))},[t]),e}function Wt({id:n,people:t,active:e,onChoose:s}){return d`
    <ul class="mention-offer" id=${n} role="listbox" aria-label=${a("composer.mention")}>
      ${t.map((i,o)=>d`
        <li key=${i.id} id=${`${n}-${o}`} role="option" aria-selected=${o===e} class=${o===e?"mention-option is-active":"mention-option"}
          onMouseDown=${r=>{r.preventDefault(),s(i)}}>
          ${c(B,{id:i.id,name:i.name,picture:i.picture_url,size:28})}
          <span dir="auto">${i.name}</span>
        </li>`)}
    </ul>`}var Ie=/(?:^|[\s(])@([^@\n]{0,40})$/u;function Vt(n,t){let e=Ie.exec(n.slice(0,t));if(!e)return null;let s=e[1]??"";return{query:s,start:t-s.length-1}}function Gt(n,t,e){let s=t.toLocaleLowerCase(),i=o=>[o,...o.split(/\s+/u)].map(r=>r.toLocaleLowerCase());return n.filter(({id:o,name:r})=>o!==e&&i(r).some(l=>l.startsWith(s))).slice(0,6)}function Xt(n,{query:t,start:e},s){let i=`@${s} `;return{text:n.slice(0,e)+i+n.slice(e+t.length+1),caret:e+i.length}}function Qt(n,t){return[...new Set(t.filter(({name:e})=>n.includes(`@${e}`)).map(({id:e})=>e))]}var A=1e4,Re=500,Oe=[],De=()=>Number(document.getElementById("app")?.dataset.maxFileBytes)||1/0,Z=class{text=M("");#t=[];#n="";#e="";#s="";#i=0;constructor(t){this.conversation=t,this.client=t.client,this.chatId=t.chatId,this.uploads=new Y(this.client,{tiles:M(Oe),maxBytes:De(),onFault:e=>t.store.showError(e)})}async readDraft(){let t=this.client.state.chat(this.chatId)?.draft??"";if(this.takeDraft(t),t.length<Re)return;let e=await this.conversation.store.attempt(this.client.readDraft(this.chatId));e!==void 0&&this.text.peek()===t&&this.takeDraft(e)}takeDraft(t){t!==""&&this.#s.startsWith(t)||this.conversation.mode.peek().kind==="edit"||this.text.peek()!==this.#e||(this.#e=t,this.text.value=t)}type(t){this.text.value=t,this.conversation.mode.peek().kind!=="edit"&&(this.client.saveDraft(this.chatId,t),t.trim()?this.client.typing(this.chatId):this.client.stopTyping(this.chatId))}addMention(t){this.#t.push(t)}followMode(){let t=this.conversation.mode.value,e=t.kind==="edit"?t.message.id:0;e!==this.#i&&(this.#i||(this.#n=this.text.peek()),this.#i=e,this.text.value=t.kind==="edit"?t.message.content:this.#n)}get canSend(){let t=this.text.value.trim();return t.length>A?!1:this.conversation.mode.value.kind==="edit"?t!=="":(t!==""||this.uploads.attachments.length>0)&&!this.uploads.isUploading&&!this.uploads.hasFailed}send(){if(!this.canSend)return!1;let{conversation:t,client:e,chatId:s}=this,i=t.mode.peek(),o=this.text.peek().trim();if(i.kind==="edit")return o!==i.message.content&&e.edit(s,i.message.id,o,i.message.version),t.writeNew(),!0;let r=i.kind==="reply"?i.message.id:void 0,l=Qt(o,this.#t);return this.#o({content:o,attachments:this.uploads.attachments,replyToId:r,mentions:l}),this.#t=[],this.uploads.clear(),this.text.value=this.#e="",this.#s=o,e.saveDraft(s,""),e.stopTyping(s),!0}sendLocation(t){this.#o({location:t})}async sendVoice(t,e){let s=await this.conversation.store.attempt(this.client.upload(t,{name:e,voice:!0}).stored);return s&&this.#o({attachments:[s]}),!!s}#o(t){this.client.send({chatId:this.chatId,...t}).sent.catch(()=>{}),this.conversation.afterSend()}[Symbol.dispose](){this.uploads[Symbol.dispose](),this.text.peek()&&this.client.stopTyping(this.chatId)}};function Yt({conversation:n}){let t=n.mode.value;if(t.kind==="new")return null;let{message:e}=t,i=e.sender_id===n.store.me?a("message.you"):n.nameOf(e.sender_id)||e.sender.name,o=t.kind==="edit";return d`
    <div class="mode-strip" data-testid=${`mode-${t.kind}`}>
      ${c(w,{name:o?"edit":"reply",size:18})}
      <button type="button" class="mode-texts" onClick=${()=>{n.jump(e.id)}}>
        <span class="mode-title">${o?a("composer.editing"):a("composer.replying",{name:i})}</span>
        <span class="mode-text" dir="auto">${U(e)}</span>
      </button>
      <button type="button" class="icon-button" aria-label=${a(o?"composer.cancel_edit":"composer.cancel_reply")} onClick=${()=>n.writeNew()}>
        ${c(w,{name:"close",size:18})}
      </button>
    </div>`}var mt=4;function Jt(n){return Mt(n.length>mt?[...n.slice(0,mt),`+${n.length-mt}`]:n)}function tt(n,t,e){let{tooLarge:s,empty:i,hasTooMany:o}=t.add(e),r=l=>n.screen.showToast(l,{tone:"error"});s.length&&r(a("composer.too_large",{count:s.length,names:Jt(s),limit:W(t.maxBytes)})),i.length&&r(a("composer.empty_files",{count:i.length,names:Jt(i)})),o&&r(a("composer.too_many_files",{count:ut}))}function Zt(n){let[t,e]=v(null);return k(()=>{if(!n){e(null);return}let s=URL.createObjectURL(n);return e(s),()=>URL.revokeObjectURL(s)},[n]),t}function Ae({tile:n,onRemove:t,onRetry:e}){let{file:s,state:i,progress:o,error:r}=n,l=s.type.startsWith("image/"),m=Zt(l?s:null),u=i==="stored";return d`
    <li class=${`upload-tile is-${i}${l?" is-picture":""}`} title=${s.name}>
      ${l&&m?d`<img class="upload-picture" src=${m} alt=${s.name} data-testid=${u?"attachment-image":"upload-preview"} />`:d`
          <span class="upload-file">
            ${c(w,{name:s.type.startsWith("video/")?"video":s.type.startsWith("audio/")?"mic":"file",size:22})}
            <span class="upload-name" dir="auto">${s.name}</span><span class="upload-size">${W(s.size)}</span>
          </span>`}
      ${i==="uploading"&&d`
        <span class="upload-progress" role="progressbar" data-testid="upload-progress" aria-label=${a("composer.uploading",{name:s.name})}
          aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(o*100)} aria-valuetext=${_t(o)}>
          <span class="upload-bar" style=${{width:`${Math.max(4,o*100)}%`}}></span>
        </span>`}
      ${i==="failed"&&d`
        <button type="button" class="upload-failed" onClick=${e} title=${r||a("composer.upload_failed")}>
          ${c(w,{name:"alert",size:18})}<span class="upload-reason">${r||a("composer.upload_failed")}</span>
        </button>`}
      <button type="button" class="upload-remove" onClick=${t}
        aria-label=${a(i==="uploading"?"composer.cancel_upload":"composer.remove_file",{name:s.name})}>
        ${c(w,{name:"close",size:14})}
      </button>
    </li>`}function te({uploads:n}){let t=n.tiles.value;return t.length?d`
    <ul class="upload-tiles" aria-label=${a("composer.files")}>
      ${t.map(e=>c(Ae,{key:e.id,tile:e,onRemove:()=>n.remove(e.id),onRetry:()=>n.retry(e.id)}))}
    </ul>`:null}var Pe=A-500;function Le(n){let[t]=v(()=>new Z(n)),e=n.store.chat(n.chatId).value;k(()=>(t.readDraft(),()=>t[Symbol.dispose]()),[t]),k(()=>t.takeDraft(e?.draft??""),[t,e?.draft]);let s=n.mode.value;k(()=>t.followMode(),[t,s]);let i=n.dropped.value;return k(()=>{i.length&&(n.dropped.value=[],tt(n.store,t.uploads,i))},[t,i]),t}function ee({conversation:n}){let{store:t,chatId:e}=n,s=t.chat(e).value,i=s?.kind==="group"?void 0:s?.other_user?.id,[o,r]=Ct(n,i);return i&&o!=="open"?d`<footer class="composer-pane">${c(Et,{conversation:n,state:o,userId:i,onChange:r})}</footer>`:d`<footer class="composer-pane">${c(Ne,{conversation:n,isGroup:s?.kind==="group"})}</footer>`}function Ne({conversation:n,isGroup:t}){let{store:e}=n,s=Le(n),i=x(null),[o,r]=v(null),[l,m]=v(null),[u,g]=v(0),p=N(),h=qt(n,t&&l!==null),$=t&&l?Gt(h,l.query,e.me):[],f=s.text.value,_=n.mode.value.kind==="edit",T=matchMedia("(pointer: coarse)").matches;k(()=>{n.focusComposer=()=>i.current?.focus();let y=n.wasClosed&&document.activeElement!==document.body;!T&&!y&&i.current?.focus({preventScroll:!0})},[n]);function P(y,S){s.type(y),m(Vt(y,S)),g(0)}function R(y){if(!l)return;let S=Xt(s.text.peek(),l,y.name);s.addMention(y),s.type(S.text),m(null),requestAnimationFrame(()=>i.current?.setSelectionRange(S.caret,S.caret))}function K(){s.send()&&i.current?.focus()}function j(y){let S=i.current,I=S?.selectionStart??f.length;s.type(f.slice(0,I)+y+f.slice(S?.selectionEnd??I)),requestAnimationFrame(()=>S?.setSelectionRange(I+y.length,I+y.length))}function b(y){let S=$[u];if($.length&&S){let I={ArrowDown:1,ArrowUp:-1};if(y.key in I)g((u+I[y.key]+$.length)%$.length);else if(y.key==="Enter"||y.key==="Tab")R(S);else if(y.key==="Escape")m(null);else return;y.preventDefault()}else y.key==="ArrowUp"&&!s.text.peek()&&n.editLast()?y.preventDefault():y.key==="Escape"&&n.mode.peek().kind!=="new"&&(n.writeNew(),y.preventDefault(),y.stopPropagation())}function C(y,S){s.text.peek().length+S.length<=A||(y.preventDefault(),e.screen.showToast(a("composer.paste_too_long",{limit:O(A),length:O(S.length)}),{tone:"error"}))}async function E(){let y=await e.loadPart(import("./recorder-3F2KNOP7.js"));y&&r({View:y.Recorder})}if(o)return c(o.View,{store:e,onCancel:()=>r(null),onSend:async(y,S)=>{let I=await s.sendVoice(y,S);return I&&r(null),I}});let L=f.trim()!==""||s.uploads.tiles.value.length>0||_;return d`
    <div class="composer" data-testid="composer">
      ${c(Yt,{conversation:n})}
      ${c(te,{uploads:s.uploads})}
      ${$.length>0&&c(Wt,{id:p,people:$,active:u,onChoose:R})}
      <div class="composer-row">
        ${c(Kt,{store:e,isDisabled:_,onFiles:y=>tt(e,s.uploads,y),onLocation:y=>s.sendLocation(y)})}
        ${c(Ht,{text:f,isCoarse:T,label:a("composer.placeholder"),activeOption:$.length?`${p}-${u}`:void 0,onText:P,onSend:K,onKey:b,onPasteText:C,onFiles:y=>tt(e,s.uploads,y),fieldRef:y=>{i.current=y}})}
        ${f.length>Pe&&d`
          <span class=${f.length>A?"composer-count is-over":"composer-count"} role="status">${O(A-f.length)}</span>`}
        ${c(zt,{onChoose:j})}
        ${L?d`
            <button type="button" class="send-button" data-testid="send-button" disabled=${!s.canSend} onClick=${K}
              aria-label=${a(_?"composer.save":"composer.send")} title=${a(_?"composer.save":"composer.send")}>
              ${c(w,{name:_?"check":"send"})}
            </button>`:d`
            <button type="button" class="icon-button" data-testid="record-button" aria-label=${a("composer.record")} title=${a("composer.record")}
              onClick=${()=>{E()}}>${c(w,{name:"mic"})}</button>`}
      </div>
    </div>`}var Fe=200;function se({conversation:n}){let{client:t,chatId:e,store:s}=n,i=x(null);return k(()=>t.on("new_message",({chat_id:o,message:r})=>{o!==e||r.sender_id===s.me||r.message_type==="system"||i.current!==null&&r.id<=i.current||(i.current=r.id,Rt(a("conversation.says",{name:r.sender?.name??"",text:U(r).slice(0,Fe)})))}),[t,e]),null}function et(n){return!!n.dataTransfer?.types.includes("Files")}function ne(n){let[t,e]=v(!1),s=x(0);function i(o){s.current=Math.max(0,s.current+o),e(s.current>0)}return{isOver:t,handlers:{onDragEnter:o=>{et(o)&&i(1)},onDragLeave:o=>{et(o)&&i(-1)},onDragOver:o=>{et(o)&&o.preventDefault()},onDrop:o=>{et(o)&&(o.preventDefault(),i(-s.current),n([...o.dataTransfer?.files??[]]))}}}}function st(n,t){return n.sender_id===t&&n.client_message_id?`k${n.client_message_id}`:`m${n.id}`}function Be(n){return new Date(n).setHours(0,0,0,0)}function oe(n,t,e,s=[]){let i=Ke(n,t,e),o=new Map(s.map(r=>[r.key,r]));return i.map(r=>{let l=o.get(r.key);return l&&Ue(l,r)?l:r})}function Ue(n,t){return Object.keys(t).every(s=>Reflect.get(n,s)===Reflect.get(t,s))}function Ke(n,t,{me:e,unreadFrom:s,stateOf:i,isStarred:o,pinned:r}){let l=[],m=-1/0,u=null,g=s===null;function p(h,$){let f=Be(h.created_at);if(f>m&&(m=f,u=null,l.push({kind:"day",key:`d${f}`,at:h.created_at})),!g&&s!==null&&h.seq>=s&&h.sender_id!==e&&(g=!0,u=null,l.push({kind:"unread",key:"unread"})),h.message_type==="system"){u=null,l.push({kind:"system",key:`m${h.id}`,message:h});return}let _=u!==null&&ze(u.message,h);_&&u&&(u.last=!1);let T=$!==null||h.sender_id===e;u={kind:"message",key:$?`k${$.key}`:st(h,e),message:h,pending:$,own:T,first:!_,last:!0,tick:$?$.state:T&&!h.is_deleted?i(h):null,isStarred:!$&&o(h.id),isPinned:!$&&r.includes(h.id)},l.push(u)}for(let h of n)p(h,null);for(let{pending:h,message:$}of t)p($,h);return l}function ze(n,t){return n.sender_id===t.sender_id&&Date.parse(t.created_at)-Date.parse(n.created_at)<3e5}var ie=new WeakMap;function re(n,t,e,s){let i=ie.get(n);if(i)return i;let o={id:e,name:"",email:"",picture_url:""},r={id:0,chat_id:t,seq:0,version:0,sender_id:e,receiver_id:n.receiver_id,message_type:n.message_type,content:n.content,location_data:n.location_data,client_message_id:n.key,is_read:!1,is_edited:!1,is_deleted:!1,has_attachments:n.attachments.length>0,attachments_count:n.attachments.length,attachments:[...n.attachments],reactions:[],reply_to:s?je(s):null,mentions:[...n.mentions],forwarded_from:null,link_preview:null,system:null,original_language:null,created_at:n.created_at,updated_at:n.created_at,edited_at:null,sender:o,receiver:null};return ie.set(n,r),r}function je(n){let{id:t,sender_id:e,content:s,message_type:i,is_deleted:o}=n;return{id:t,sender_id:e,content:s.slice(0,500),message_type:i,is_deleted:o}}var ae={kind:"new"},nt=class{#t=new AbortController;mode=M(ae);terms=M([]);isSearching=M(!1);aroundId=M(null);unreadFrom=M(null);phase=M("loading");dropped=M([]);#n=null;#e=0;wasClosed=!1;focusComposer=()=>{};constructor(t,e){this.store=t,this.client=t.client,this.chatId=e}async open(t){this.phase.value="loading";try{await this.client.openChat(this.chatId,{signal:this.#t.signal}),this.#s(),this.phase.value="open",t&&await this.jump(t)}catch(e){if(this.#t.signal.aborted)return;this.phase.value="failed",this.store.showError(e)}}#s(){let{state:t}=this.client,e=t.unread(this.chatId)>0;this.unreadFrom.value=e?t.readUpTo(this.chatId,this.store.me)+1:null}async jump(t){let{state:e}=this.client,s=()=>this.window.messages.some(({id:o})=>o===t);if(!s()&&(this.aroundId.value=t,!s())){let o=this.client.loadAround(this.chatId,t,{signal:this.#t.signal}).then(()=>!0);if(!await this.store.attempt(o)){this.aroundId.value=null;return}this.aroundId.value=null,this.aroundId.value=t}let i=e.message(this.chatId,t);i&&(this.#n?this.#n.scrollTo(st(i,this.store.me),{flash:!0,focus:!0}):this.#e=t)}setList(t){this.#n=t;let e=t&&this.#e?this.client.state.message(this.chatId,this.#e):void 0;e&&(this.#e=0,t?.scrollTo(st(e,this.store.me),{flash:!0}))}get window(){return this.client.state.window(this.chatId,this.aroundId.value??void 0)}loadOlder=()=>this.store.attempt(this.client.loadOlder(this.chatId,this.aroundId.peek()??void 0,{signal:this.#t.signal}));loadNewer=()=>this.store.attempt(this.client.loadNewer(this.chatId,this.aroundId.peek()??void 0,{signal:this.#t.signal}));loadNewest=()=>{this.aroundId.value=null};nameOf(t){let{state:e}=this.client,s=e.chat(this.chatId);return s?.other_user?.id===t?s.other_user.name:e.person(t)?.name??""}reply(t){this.mode.value={kind:"reply",message:t},this.focusComposer()}edit(t){this.mode.value={kind:"edit",message:t},this.focusComposer()}editLast(){let{me:t}=this.store,e=this.client.state.messages(this.chatId).findLast(s=>s.sender_id===t&&ht(s));return e&&this.edit(e),!!e}writeNew(){this.mode.value=ae}afterSend(){this.writeNew(),this.unreadFrom.value=null,this.#n?.scrollToEnd()}[Symbol.dispose](){this.#t.abort()}};function ht({is_deleted:n,message_type:t,content:e,forwarded_from:s}){return!n&&t!=="system"&&t!=="location"&&e!==""&&!s}var He=["spam","fraud","harassment","hate","violence","sexual","illegal","other"],qe=1e3;function pt(n,{title:t,text:e,confirm:s,run:i}){n.screen.openDialog(o=>c(Tt,{title:t,text:e,confirm:s,onConfirm:i,onClose:o,isDangerous:!0}))}function We({store:n,message:t,onClose:e}){let[s,i]=v(""),[o,r]=v(""),[l,m]=v(!1);async function u(h){h.preventDefault(),m(!0);let $=await n.attempt(n.client.report(t.id,s,o.trim()||void 0).then(()=>!0));m(!1),$&&(e(),n.screen.showToast(a("message.reported")))}let g=N(),p=d`
    <button type="button" class="button" onClick=${e}>${a("ui.cancel")}</button>
    <button type="submit" form=${g} class="button is-danger" disabled=${!s||l} data-testid="send-report">${a("message.report_send")}</button>`;return c(z,{title:a("message.report_title"),onClose:e,actions:p,testId:"report"},d`
    <form id=${g} class="dialog-form" onSubmit=${u}>
      <fieldset class="radio-list">
        <legend class="field-label">${a("message.report_reason")}</legend>
        ${He.map(h=>d`
          <label key=${h} class="radio-row">
            <input type="radio" name="reason" value=${h} checked=${s===h} required onChange=${()=>i(h)} />
            <span>${a(`message.reason_${h}`)}</span>
          </label>`)}
      </fieldset>
      <label class="field">
        <span class="field-label">${a("message.report_text")}</span>
        <textarea class="input" rows="3" maxlength=${qe} value=${o}
          onInput=${h=>r(h.currentTarget.value)}></textarea>
      </label>
    </form>`)}function le(n,t){n.screen.openDialog(e=>c(We,{store:n,message:t,onClose:e}))}function Ve({store:n,message:t,onClose:e}){let[s,i]=v(null),[o,r]=v([]);return k(()=>{n.attempt(n.client.receipts(t.id)).then(l=>i(l??[])),t.is_edited&&n.attempt(n.client.history(t.id)).then(l=>r(l??[]))},[t.id]),c(z,{title:a("message.seen_by"),onClose:e,testId:"seen-by"},d`
    <ul class="person-list">
      ${s?.map(({user:l,read_at:m,delivered_at:u})=>d`
        <li key=${l.id} class="person-row">
          ${c(B,{id:l.id,name:l.name,picture:l.picture_url,size:36})}
          <span class="person-texts">
            <span class="person-name" dir="auto">${l.name}</span>
            <span class="person-detail">${m?a("message.read_when",{when:F(m)}):u?a("message.delivered_when",{when:F(u)}):a("message.not_seen")}</span>
          </span>
        </li>`)}
    </ul>
    ${!s&&d`<p class="dialog-text" aria-busy="true">${a("message.loading")}</p>`}
    ${o.length>0&&d`
      <h3 class="dialog-heading">${a("message.earlier_texts")}</h3>
      <ul class="versions">
        ${o.map(({content:l,replaced_at:m})=>d`<li key=${m}><span dir="auto">${l}</span><time dateTime=${m}>${F(m)}</time></li>`)}
      </ul>`}`)}function ce(n,t){n.screen.openDialog(e=>c(Ve,{store:n,message:t,onClose:e}))}function de(n){let t=n.currentTarget instanceof HTMLElement?n.currentTarget:null;if(n instanceof MouseEvent&&(!t||n.type==="contextmenu"&&(n.clientX||n.clientY)))return{x:n.clientX,y:n.clientY};let e=n.target instanceof HTMLElement?n.target:t,s=n.type==="click"?null:e?.querySelector(".bubble");return s instanceof HTMLElement?s:t??e??{x:0,y:0}}var it=class{menu=M(null);picker=M(null);constructor(t){this.conversation=t,this.store=t.store,this.client=t.client}jump=t=>{this.conversation.jump(t)};reply(t){this.conversation.reply(t)}replyByDoubleClick(t,e){e.target instanceof Element&&e.target.closest(".bubble")||this.reply(t)}toggleReaction(t,e,s){let{client:i}=this;s?i.unreact(t.chat_id,t.id,e):i.react(t.chat_id,t.id,e)}openMenu(t,e){e.type==="contextmenu"&&!getSelection()?.isCollapsed||(e.preventDefault(),this.picker.value=null,this.menu.value={row:t,anchor:de(e)})}openReactions(t,e,s=!1){this.menu.value=null,this.picker.value={message:t,anchor:de(e),isFull:s}}close=()=>{this.menu.value=null,this.picker.value=null};async openGallery(t,e){(await this.store.loadPart(import("./gallery-7AYHBENP.js")))?.openGallery(this.store,t,e)}retry(t){this.client.retry(t)}discard(t){this.client.discard(t)}async copy(t){try{await navigator.clipboard.writeText(t.content),this.store.screen.showToast(a("message.copied"))}catch(e){if(!(e instanceof DOMException))throw e;this.store.screen.showToast(a("message.cannot_copy"),{tone:"error"})}}async forward(t){(await this.store.loadPart(import("./forward-OPCGSBSD.js")))?.openForward(this.store,t)}deleteForAll(t){pt(this.store,{title:a("message.delete_for_all_title"),text:a("message.delete_for_all_text"),confirm:a("message.delete_for_all"),run:()=>{this.client.delete(t.chat_id,t.id)}})}deleteForMe(t){pt(this.store,{title:a("message.delete_for_me_title"),text:a("message.delete_for_me_text"),confirm:a("message.delete_for_me"),run:()=>{this.client.hide(t.chat_id,t.id)}})}get canPin(){let t=this.client.state.chat(this.conversation.chatId);return t?.kind!=="group"||t.role==="owner"||t.role==="admin"}entries({message:t,own:e,isPinned:s,isStarred:i}){let{client:o,store:r}=this,{id:l,chat_id:m}=t;return[{icon:"reply",label:a("message.reply"),run:()=>this.reply(t)},t.content!==""&&{icon:"copy",label:a("message.copy"),run:()=>{this.copy(t)}},{icon:"forward",label:a("message.forward"),run:()=>{this.forward(t)}},this.canPin&&{icon:"pin",label:a(s?"message.unpin":"message.pin"),run:()=>{s?o.unpin(m,l):o.pin(m,l)}},{icon:"star",label:a(i?"message.unstar":"message.star"),run:()=>{i?o.unstar(m,l):o.star(m,l)}},e&&ht(t)&&{icon:"edit",label:a("message.edit"),run:()=>this.conversation.edit(t)},e&&{icon:"checks",label:a("message.seen_by"),run:()=>ce(r,t)},"line",!e&&{icon:"flag",label:a("message.report"),run:()=>le(r,t)},{icon:"trash",label:a("message.delete_for_me"),isDangerous:!0,run:()=>this.deleteForMe(t)},e&&{icon:"trash",label:a("message.delete_for_all"),isDangerous:!0,run:()=>this.deleteForAll(t)}].filter(g=>g!==!1)}};var Ge=["\u{1F44D}","\u2764\uFE0F","\u{1F602}","\u{1F62E}","\u{1F622}","\u{1F64F}"];function ue({reactions:n,nameOf:t,onToggle:e,onAdd:s}){return n.length?d`
    <div class="reactions" role="group" aria-label=${a("message.reactions")}>
      ${n.map(({emoji:i,count:o,mine:r,user_ids:l})=>{let m=l.map(t).filter(Boolean).join(", ");return d`
          <button type="button" key=${i} class=${r?"reaction is-mine":"reaction"} aria-pressed=${!!r}
            title=${m} aria-label=${a("message.reaction_count",{emoji:i,count:o})}
            onClick=${()=>e(i,!!r)}>
            <span class="reaction-emoji" aria-hidden="true">${i}</span><span aria-hidden="true">${O(o)}</span>
          </button>`})}
      <button type="button" class="reaction reaction-add" aria-label=${a("message.react")} onClick=${s}>${c(w,{name:"react",size:15})}</button>
    </div>`:null}function ft({mine:n,onChoose:t,onMore:e}){return d`
    <div class="quick-reactions" role="group" aria-label=${a("message.react")}>
      ${Ge.map(s=>d`
        <button type="button" key=${s} class="quick-reaction" aria-pressed=${n.includes(s)}
          onClick=${()=>t(s)}>${s}</button>`)}
      <button type="button" class="quick-reaction" aria-label=${a("message.more_emoji")} onClick=${e}>${c(w,{name:"plus",size:18})}</button>
    </div>`}function gt(n){return n.reactions.filter(({mine:t})=>t).map(({emoji:t})=>t)}function me({actions:n}){let t=n.menu.value,e=n.picker.value;function s(r,l){n.toggleReaction(r,l,gt(r).includes(l)),n.close()}if(e?.isFull)return c(J,{anchor:e.anchor,onClose:n.close,onChoose:r=>s(e.message,r)});if(e)return c(V,{class:"is-emoji",label:a("message.react"),anchor:e.anchor,onClose:n.close},c(ft,{mine:gt(e.message),onChoose:r=>s(e.message,r),onMore:()=>{n.picker.value={...e,isFull:!0}}}));if(!t)return null;let{row:i,anchor:o}=t;return c(G,{label:a("message.actions"),anchor:o,onClose:n.close,items:n.entries(i)},c(ft,{mine:gt(i.message),onChoose:r=>s(i.message,r),onMore:()=>{n.menu.value=null,n.picker.value={message:i.message,anchor:o,isFull:!0}}}))}function he({unseen:n,label:t,onClick:e}){return d`
    <button type="button" class="list-pill" aria-label=${t} title=${t} onClick=${e} data-testid="to-newest">
      ${c(w,{name:"down"})}
      ${n>0&&d`<span aria-hidden="true">${O(n)}</span>`}
    </button>`}function pe(n,t,e){let s=t;for(let i of n){let o=(i-s)*e;o>0&&o<=16&&(s=i)}return s}var ot=class{keys=[];start=0;end=0;knownStart=0;knownEnd=0;above=0;below=0;#t=new Map;#n=new Map;indexOf(t){return this.#n.get(t)??-1}#e(t){return this.#t.get(this.keys[t])??0}#s(t,e){let s=0;for(let i=t;i<e;i+=1)s+=this.#e(i);return s}get height(){return this.above+this.#s(this.start,this.end)+this.below}setKeys(t){let e=this.keys.slice(this.start,this.end);this.keys=t,this.#n=new Map(t.map((r,l)=>[r,l]));let s=e.map(r=>this.indexOf(r)).filter(r=>r>=0),i=s.length>>1,o=s[i];if(o===void 0){this.showEnd();return}this.start=pe(s.slice(0,i).reverse(),o,-1),this.end=pe(s.slice(i+1),o,1)+1,this.#i()}#i(){for(this.knownStart=this.start,this.knownEnd=this.end;this.knownStart>0&&this.#o(this.knownStart-1);)this.knownStart-=1;for(;this.knownEnd<this.keys.length&&this.#o(this.knownEnd);)this.knownEnd+=1;this.above=this.#s(this.knownStart,this.start),this.below=this.#s(this.end,this.knownEnd)}#o(t){return this.#t.has(this.keys[t])}forget(){let t=this.keys.slice(this.start,this.end);this.#t=new Map(t.map(e=>[e,this.#t.get(e)??0])),this.#i()}showEnd(){this.#a(this.keys.length-16,this.keys.length)}showAround(t){this.#a(t-16/2,t+16/2)}#a(t,e){this.start=Math.max(0,t),this.end=Math.min(this.keys.length,e),this.#i()}measure(t,e){this.#t.set(this.keys[t],e)}bottomOf(t){return t>=this.end?this.#s(t+1,this.knownEnd):this.below+this.#s(t+1,this.end)}rowAt(t){let e=this.end-1,s=this.below;for(;e>this.start&&s<t;)s+=this.#e(e),e-=1;return Math.max(e,this.start)}fit(t,e,s){let i=t+e,o=this.below+this.#s(this.start,this.end),r=this.start>0&&o<i+s/2,l=this.end<this.keys.length&&this.below>t-s/2;if(!r&&!l&&this.end-this.start<=80)return!1;let{start:m,end:u}=this,g=s,p=this.#r(t-g,i+g);for(;this.end-this.start>80&&g>20;)g*=.7,p=this.#r(t-g,i+g);return this.#d(t-g,i+g,p,p<i||this.below>t),this.start!==m||this.end!==u}#r(t,e){let s=this.height,{end:i,below:o}=this;for(;i<this.knownEnd&&o>t;)o-=this.#e(i),i+=1;for(;i>this.knownStart+1&&o+this.#e(i-1)<=t;)i-=1,o+=this.#e(i);let r=i,l=o;for(;r>this.knownStart&&l<e;)r-=1,l+=this.#e(r);return this.start=r,this.end=i,this.above=r===this.knownStart?0:s-l,this.below=i===this.knownEnd?0:o,l}#d(t,e,s,i){!i&&this.end-this.start+16>80||(this.start===this.knownStart&&s<e&&(this.start=this.knownStart=Math.max(0,this.start-16)),this.end===this.knownEnd&&this.below>t&&(this.end=this.knownEnd=Math.min(this.keys.length,this.end+16)))}};var Xe=600,fe=12,Qe=4,Ye=1200,$t=class extends lt{shouldComponentUpdate(t){return t.row!==this.props.row||t.renderRow!==this.props.renderRow}render(){return this.props.renderRow(this.props.row)}},rt=class extends lt{state={flashed:void 0,unseen:0,isAway:!1};#t=new ot;#n=[];#e=H();#s=H();#i=H();#o=!0;#a;#r;#d;#f=0;#l=0;#g=new Set;#k;#$=0;#b=0;#u=new Set;#m=new ResizeObserver(()=>this.#A());componentDidMount(){let{initial:t}=this.props;this.props.listRef?.(this),t&&(this.#r={key:t.key,align:t.align??"start",flash:!1,focus:!1});for(let e of[this.#e.current,this.#i.current])e&&this.#m.observe(e);this.#f=this.#e.current?.clientWidth??0,this.#w()?this.forceUpdate():this.#_(0)}getSnapshotBeforeUpdate(){return this.#c()}componentDidUpdate(t,e,s){this.#_(s)}componentWillUnmount(){this.props.listRef?.(null),this.#m.disconnect(),cancelAnimationFrame(this.#$),clearTimeout(this.#b)}scrollTo(t,{align:e="center",flash:s=!1,focus:i=!1}={}){this.#r={key:t,align:e,flash:s,focus:i},this.#w(),this.forceUpdate()}async scrollToEnd(){this.#r=void 0,this.props.hasNewer&&await this.props.loadNewest?.(),this.#o=!0,this.#t.showEnd(),this.#y(0),this.forceUpdate()}get stuck(){return this.#o}#c(){return-(this.#e.current?.scrollTop??0)}#h(){return this.#e.current?.clientHeight??0}#y(t){this.#e.current&&(this.#e.current.scrollTop=-t)}#w(){if(!this.#r)return!1;let t=this.#t.indexOf(this.#r.key);return t<0?!1:((t<this.#t.start||t>=this.#t.end)&&this.#t.showAround(t),this.#o=!1,this.#a=void 0,!0)}#_(t){this.#e.current&&(this.#x(),this.#M()?this.#v():this.#S(t),this.#p())}#x(){let t=this.#s.current?.children??[];for(let e of this.#u)e.parentElement!==this.#s.current&&(this.#m.unobserve(e),this.#u.delete(e));for(let e=0;e<t.length;e+=1){let s=t[e];this.#t.measure(this.#t.start+e,s.getBoundingClientRect().height),this.#u.has(s)||(this.#u.add(s),this.#m.observe(s))}this.#l=this.#i.current?.getBoundingClientRect().height??0}#S(t){if(this.#o)return;let e=this.#a?this.#t.indexOf(this.#a.key):-1;if(!this.#a||e<this.#t.knownStart||e>=this.#t.knownEnd){this.#v();return}let s=this.#t.bottomOf(e)+this.#l-this.#a.bottom;Math.abs(t+s-this.#c())<.5||(this.#y(t+s),this.#a.bottom+=s)}#v(){let t=this.#c(),e=this.#t.end===this.#t.keys.length&&!this.props.hasNewer;this.#o=t<=Qe&&e&&!this.#r;let s=this.#t.rowAt(t-this.#l),i=this.#t.keys[s];this.#a=i===void 0?void 0:{key:i,bottom:this.#t.bottomOf(s)+this.#l}}#M(){let t=this.#r,e=t?this.#t.indexOf(t.key):-1;if(!t||e<this.#t.start||e>=this.#t.end)return!1;let s=this.#s.current?.children[e-this.#t.start];if(!s)return!1;let i=s.getBoundingClientRect().height,o=this.#h(),r=this.#t.bottomOf(e)+this.#l,l=Math.max(0,o-i),m={start:1,center:.5,end:0}[t.align],u=r-l*m+Math.max(0,i-o);this.#y(Math.max(0,u));let g=u-this.#c();return(g<-1?this.#t.end<this.#t.keys.length:g>1&&this.#t.start>0)||this.#I(t,s),!0}#I(t,e){this.#r=void 0,t.focus&&e instanceof HTMLElement&&e.focus({preventScroll:!0}),t.flash&&(clearTimeout(this.#b),this.setState({flashed:t.key}),this.#b=window.setTimeout(()=>this.setState({flashed:void 0}),Ye))}#p(){let t=this.#c()-this.#l;if(this.#t.fit(t,this.#h(),Xe)){this.#O(),this.forceUpdate();return}this.props.hasOlder&&this.#t.start<fe&&this.#C("older",this.props.loadOlder),this.props.hasNewer&&this.#t.keys.length-this.#t.end<fe&&this.#C("newer",this.props.loadNewer),this.#R(t)}#C(t,e){if(!e||this.#g.has(t))return;this.#g.add(t);let s=()=>this.#g.delete(t);Promise.resolve(e()).then(()=>{s(),this.#e.current&&this.#p()},s)}#R(t){let{keys:e}=this.#t,s=this.#t.rowAt(t),i=this.#t.rowAt(t+this.#h()),o=this.#d===void 0?-1:this.#t.indexOf(this.#d);s>o&&(this.#d=e[s]);let r=this.props.isCounted,l=0;for(let p=Math.max(s,o)+1;p<e.length;p+=1)(!r||r(this.#n[p]))&&(l+=1);let m=!this.#o&&(!!this.props.hasNewer||l>0||t>this.#h()/2);(l!==this.state.unseen||m!==this.state.isAway)&&this.setState({unseen:l,isAway:m});let u={first:e[i],last:e[s],stuck:this.#o,unseen:l},g=this.#k;g&&g.first===u.first&&g.last===u.last&&g.stuck===u.stuck&&g.unseen===l||(this.#k=u,this.props.onView?.(u))}#O(){let t=this.#E();t===void 0||t>=this.#t.start&&t<this.#t.end||this.#e.current?.focus({preventScroll:!0})}#E(){let e=(this.#e.current?.getRootNode()?.activeElement??null)?.closest("[data-row]"),s=[...this.#s.current?.children??[]].find(i=>i===e)?.getAttribute("data-row");if(s!=null)return this.#t.keys.findIndex(i=>String(i)===s)}#D=()=>{this.#r||this.#v(),this.#p()};#T=()=>{this.#r=void 0};#A(){let t=this.#e.current;if(!t)return;if(t.clientWidth!==this.#f){this.#f=t.clientWidth,this.#t.forget(),this.forceUpdate();return}let e=this.#c();this.#x(),this.#M()||this.#S(e),cancelAnimationFrame(this.#$),this.#$=requestAnimationFrame(()=>this.#p())}#P=t=>{if(t.defaultPrevented||t.altKey||t.ctrlKey||t.metaKey)return;let e=t.target instanceof Element&&t.target.hasAttribute("data-row");if(!e&&t.target!==this.#e.current)return;let{keys:s}=this.#t,i=this.#E()??this.#t.rowAt(this.#c()-this.#l)+1,o={ArrowUp:i-1,ArrowDown:i+1,Home:0,End:s.length-1},r=t.key in o?o[t.key]:void 0;r!==void 0?(t.preventDefault(),this.#L(Math.min(Math.max(r,0),s.length-1))):e&&this.props.onRowKey?.(this.#n[i],t)};#L(t){let e=this.#s.current?.children[t-this.#t.start];if(e instanceof HTMLElement){e.focus({preventScroll:!0}),e.scrollIntoView({block:"nearest"});return}let s=this.#t.keys[t];s!==void 0&&this.scrollTo(s,{focus:!0,align:"center"})}render(){let{rows:t,keyOf:e,renderRow:s,attributesOf:i,label:o,pillLabel:r,header:l,footer:m}=this.props;t!==this.#n&&(this.#n=t,this.#t.setKeys(t.map(e)),this.#r&&this.#w());let{start:u,end:g,above:p,below:h,keys:$}=this.#t,{flashed:f,unseen:_,isAway:T}=this.state;return d`
      <div class="message-list">
        <div class="message-list-scroller" ref=${this.#e} role="group" aria-label=${o} tabindex="0"
          data-testid="message-list" onScroll=${this.#D} onWheel=${this.#T} onTouchMove=${this.#T}
          onKeyDown=${this.#P}>
          <div class="message-list-content">
            ${l}
            <div style=${{height:`${p}px`}}></div>
            <div ref=${this.#s} role="list">
              ${t.slice(u,g).map((P,R)=>d`
                <div key=${$[u+R]} role="listitem" tabindex="-1" data-row=${$[u+R]}
                  class=${$[u+R]===f?"list-row is-flashed":"list-row"}
                  ...${i?.(P)}>${c($t,{row:P,renderRow:s})}</div>`)}
            </div>
            <div style=${{height:`${h}px`}}></div>
            <div ref=${this.#i}>${m}</div>
          </div>
        </div>
        ${T&&c(he,{unseen:_,label:r(_),onClick:()=>{this.scrollToEnd()}})}
      </div>`}};function ge({preview:n}){let t=Pt(n.url);return!t||!(n.title||n.description)?null:d`
    <a class="link-preview" href=${t} target="_blank" rel="noopener noreferrer nofollow ugc">
      ${n.image_url&&d`<img class="link-preview-image" src=${n.image_url} alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer" />`}
      <span class="link-preview-texts">
        <span class="link-preview-site">${n.site_name||new URL(t).hostname}</span>
        <span class="link-preview-title">${n.title}</span>
        ${n.description&&d`<span class="link-preview-description">${n.description}</span>`}
      </span>
    </a>`}var bt={sending:{icon:"clock",label:"message.sending"},refused:{icon:"alert",label:"message.refused"},sent:{icon:"check",label:"message.sent"},delivered:{icon:"checks",label:"message.delivered"},read:{icon:"checks",label:"message.read"}};function $e({at:n,tick:t,isEdited:e,isStarred:s,isPinned:i}){return d`
    <span class="stamp">
      ${i&&d`<span class="stamp-mark" title=${a("message.pinned")}>${c(w,{name:"pin",size:12})}<span class="visually-hidden">${a("message.pinned")}</span></span>`}
      ${s&&d`<span class="stamp-mark" title=${a("message.starred")}>${c(w,{name:"star",size:12})}<span class="visually-hidden">${a("message.starred")}</span></span>`}
      ${e&&d`<span class="stamp-edited">${a("message.edited")}</span>`}
      <time dateTime=${n}>${xt(n)}</time>
      ${t&&d`
        <span class=${`tick tick-${t}`} data-tick=${t} role="img" aria-label=${`${a("message.you")}, ${a(bt[t].label)}`} title=${a(bt[t].label)}>${c(w,{name:bt[t].icon,size:15})}</span>`}
    </span>`}function be({client:n,nameOf:t},e){return e===n.state.me?a("message.you"):t(e)||a("message.unknown_person")}function Je({row:n,surroundings:t,terms:e}){let{message:s}=n,{client:i,actions:o}=t,{reply_to:r,forwarded_from:l,attachments:m}=s,u=m.length||r?0:dt(s.content),g=s.mentions.map(p=>p===i.state.me?i.state.person(p)?.name??"":t.nameOf(p));return d`
    ${l&&d`
      <div class="forwarded">${c(w,{name:"forward",size:13})}<span dir="auto">${a("message.forwarded_from",{name:l.sender_name||a("message.unknown_person")})}</span></div>`}
    ${r&&c(It,{quote:r,name:be(t,r.sender_id),onOpen:n.pending?void 0:()=>o.jump(r.id)})}
    ${m.length>0&&c(At,{client:i,attachments:m,onOpen:p=>o.openGallery(s,p)})}
    ${s.location_data&&c(Q,{location:s.location_data})}
    ${s.content&&d`
      <span class=${u?`message-text is-emoji emoji-${u}`:"message-text"} dir="auto">${c(Lt,{content:s.content,names:g,terms:e})}</span>`}
    ${s.link_preview&&c(ge,{preview:s.link_preview})}`}function Ze({row:n,actions:t}){let e=n.pending;return!e||e.state!=="refused"?null:d`
    <div class="refusal" role="alert">
      <span>${a("message.not_sent")}${e.error?.message?d`<span class="refusal-reason">${` ${e.error.message}`}</span>`:null}</span>
      <button type="button" class="refusal-button" onClick=${()=>t.retry(e.key)}>${a("message.try_again")}</button>
      <button type="button" class="refusal-button" onClick=${()=>t.discard(e.key)}>${a("message.discard")}</button>
    </div>`}function ts({row:n,surroundings:t}){let{message:e}=n,{actions:s,near:i}=t;return vt(()=>i.value===e.id).value?d`
    <div class="message-toolbar" role="toolbar" aria-label=${a("message.actions")}>
      <button type="button" tabindex="-1" class="icon-button" aria-label=${a("message.react")} title=${a("message.react")}
        onClick=${r=>s.openReactions(e,r)}>${c(w,{name:"smile",size:18})}</button>
      <button type="button" tabindex="-1" class="icon-button" aria-label=${a("message.reply")} title=${a("message.reply")}
        onClick=${()=>s.reply(e)}>${c(w,{name:"reply",size:18})}</button>
      <button type="button" tabindex="-1" class="icon-button" aria-label=${a("message.more")} title=${a("message.more")}
        onClick=${r=>s.openMenu(n,r)}>${c(w,{name:"more",size:18})}</button>
    </div>`:null}function es({own:n,first:t,last:e,message:s,pending:i,tick:o},r){let{content:l,attachments:m,is_deleted:u,reply_to:g,location_data:p}=s,h=!u&&!m.length&&!g&&!p&&dt(l)>0,$=m.some(({file_type:f})=>f==="image"||f==="video")||p;return["message",n?"is-own":"is-other",t&&"is-first",e&&"is-last",r&&!n&&"is-in-group",h&&"is-jumbo",$&&"has-media",$&&!l&&"is-media-only",u&&"is-removed",s.reactions.length>0&&"has-reactions",i&&`is-${i.state}`,o==="refused"&&"is-refused"].filter(Boolean).join(" ")}function ye({row:n,surroundings:t,isGroup:e,terms:s=[],isReadOnly:i=!1}){let{message:o,own:r,first:l,last:m}=n,{actions:u}=t,g=t.nameOf(o.sender_id)||o.sender?.name||"",p=!n.pending&&!o.is_deleted&&!i;return d`
    <div class=${es(n,e)} data-message-id=${o.id||null}
      onContextMenu=${h=>p&&u.openMenu(n,h)}
      onDblClick=${h=>p&&u.replyByDoubleClick(o,h)}>
      ${e&&!r&&d`<span class="message-avatar">${m&&c(B,{id:o.sender_id,name:g,picture:o.sender?.picture_url,size:30})}</span>`}
      <div class="message-column">
        <div class="bubble">
          ${!r&&d`<span class="visually-hidden">${g}: </span>`}
          ${e&&!r&&l&&d`<span class="message-sender" dir="auto">${g}</span>`}
          ${o.is_deleted?d`<span class="message-text is-deleted">${a("message.deleted")}</span>`:c(Je,{row:n,surroundings:t,terms:s})}
          ${c($e,{at:o.created_at,tick:n.tick,isEdited:o.is_edited&&!o.is_deleted,isStarred:n.isStarred,isPinned:n.isPinned})}
        </div>
        ${!o.is_deleted&&c(ue,{reactions:o.reactions,nameOf:h=>be(t,h),onToggle:(h,$)=>u.toggleReaction(o,h,$),onAdd:h=>u.openReactions(o,h)})}
        ${c(Ze,{row:n,actions:u})}
        ${p&&c(ts,{row:n,surroundings:t})}
      </div>
    </div>`}var ss=1200;function ns(n){let{store:t,client:e,chatId:s}=n,{state:i}=e,{me:o}=t,r=t.chat(s).value,l=[t.revision(s,"messages").value,t.revision(s,"pending").value,t.revision(s,"stars").value,t.revision(s,"pins").value,r?.other_user?t.presence(r.other_user.id).value:null,n.aroundId.value,n.unreadFrom.value],m=x([]);return D(()=>{let u=n.window,p=(u.hasNewer?[]:i.pending(s)).map($=>({pending:$,message:re($,s,o,$.reply_to_id?i.message(s,$.reply_to_id):void 0)})),h=oe(u.messages,p,{me:o,unreadFrom:n.unreadFrom.value,stateOf:$=>i.messageState($),isStarred:$=>i.isStarred(s,$),pinned:i.pinned(s)},m.current);return m.current=h,h},[n,o,...l])}function is(n){return n.key}function os(n){return n.kind==="message"&&!n.own}function we(n){return n.kind==="day"?n.at:n.kind==="unread"?null:n.message.created_at}function rs(){let[n,t]=v(null),e=x(0);k(()=>()=>clearTimeout(e.current),[]);let s=q(i=>{t({at:i,isShown:!0}),clearTimeout(e.current),e.current=window.setTimeout(()=>t({at:i,isShown:!1}),ss)},[]);return{day:n,show:s}}function as({names:n}){return d`
    <div class="message is-other is-first is-last is-typing" aria-hidden="true">
      <div class="bubble typing-bubble">${n.length>0&&d`<span class="typing-name">${n[0]}</span>`}<span class="typing-dots"><i></i><i></i><i></i></span></div>
    </div>`}function ve({conversation:n,actions:t}){let{store:e,client:s,chatId:i}=n,o=ns(n),{day:r,show:l}=rs(),m=e.chat(i).value,u=m?.kind==="group",g=n.terms.value,p=e.screen.isActive.value,h=n.window,$=x(void 0),f=D(()=>new Map(o.map(b=>[b.key,b])),[o]),_=wt(0),T=D(()=>({client:s,actions:t,near:_,nameOf:b=>n.nameOf(b)}),[n,t]),P=q(b=>{if(b.kind==="day")return d`<div class="day"><span class="day-pill">${ct(b.at)}</span></div>`;if(b.kind==="unread")return d`<div class="unread-line" data-testid="unread-line"><span>${a("conversation.new_messages")}</span></div>`;if(b.kind==="system"&&b.message.system){let{sender_id:C,sender:E,system:L}=b.message,y=C===s.state.me?a("message.you"):E?.name||T.nameOf(C);return d`<div class="system-row" title=${F(b.message.created_at)}><span dir="auto">${Nt(L,y)}</span></div>`}return b.kind==="message"?c(ye,{row:b,surroundings:T,isGroup:u,terms:g}):null},[T,u,g]),R=q(b=>{if(b.kind!=="message"&&b.kind!=="system")return{};let{seq:C,id:E}=b.message;return{"aria-setsize":Math.max(s.state.chat(i)?.seq??0,C)||-1,"aria-posinset":C||null,id:E?`message-${E}`:null}},[s,i]);function K(){let b=$.current===void 0?void 0:f.get(String($.current));!b||!e.screen.isActive.peek()||b.kind==="day"||b.kind==="unread"||b.message.id&&b.message.seq>s.state.readUpTo(i,e.me)&&s.markRead(i,b.message.id)}k(K,[o,p]);function j({target:b}){let E=(b instanceof Element?b.closest(".list-row"):null)?.querySelector("[data-message-id]");E instanceof HTMLElement&&(_.value=Number(E.dataset.messageId))}return d`
    <div class="messages" onPointerOver=${j} onFocusIn=${j}>
      ${r&&d`<div class=${r.isShown&&!(o[0]&&we(o[0])===r.at)?"floating-day is-shown":"floating-day"} aria-hidden="true"><span class="day-pill">${ct(r.at)}</span></div>`}
      ${c(rt,{rows:o,keyOf:is,renderRow:P,attributesOf:R,isCounted:os,label:a("conversation.messages"),pillLabel:b=>b?a("conversation.to_new",{count:b}):a("conversation.to_newest"),hasOlder:h.hasOlder,hasNewer:h.hasNewer,loadOlder:n.loadOlder,loadNewer:n.loadNewer,loadNewest:n.loadNewest,initial:n.unreadFrom.peek()===null?void 0:{key:"unread",align:"start"},listRef:b=>n.setList(b),onView:({first:b,last:C})=>{let E=b===void 0?void 0:f.get(String(b)),L=E&&we(E);L&&l(L),$.current=C,K()},onRowKey:(b,C)=>{C.key!=="Enter"||b.kind!=="message"||b.pending||b.message.is_deleted||t.openMenu(b,C)},footer:d`
          <div class="messages-end">${m?.typing.length?c(as,{names:u?m.typing.map(b=>n.nameOf(b)):[]}):null}</div>`})}
    </div>`}function ke({conversation:n,canPin:t}){let{store:e,client:s,chatId:i}=n;e.revision(i,"pins").value,e.revision(i,"messages").value;let o=s.state.pinned(i),[r,l]=v(0);k(()=>{r>=o.length&&l(0)},[o]);let m=o[r]??o[0];if(m===void 0)return null;let u=s.state.message(i,m);function g(){n.jump(m),l((r+1)%o.length)}return d`
    <div class="pins-bar" data-testid="pins-bar">
      <button type="button" class="pins-open" onClick=${g} aria-label=${a("conversation.show_pinned")}>
        ${c(w,{name:"pin",size:16})}
        <span class="pins-texts">
          <span class="pins-title">${o.length>1?a("conversation.pinned_of",{place:r+1,count:o.length}):a("conversation.pinned")}</span>
          <span class="pins-text" dir="auto">${u?U(u):a("conversation.pinned_earlier")}</span>
        </span>
      </button>
      ${t&&d`
        <button type="button" class="icon-button" aria-label=${a("message.unpin")} title=${a("message.unpin")}
          onClick=${()=>{s.unpin(i,m)}}>${c(w,{name:"close",size:16})}</button>`}
    </div>`}var ls=250,cs=30;function ds(n,t){let[e,s]=v(null),{client:i,chatId:o,store:r}=n;return k(()=>{let l=t.trim();if(!l){s(null),n.terms.value=[];return}let m=new AbortController,u=setTimeout(async()=>{let g=await r.attempt(i.search(l,{chatId:o,sort:"newest",limit:cs,signal:m.signal}));!g||m.signal.aborted||(s({query:l,results:g.results,hasMore:g.has_more}),n.terms.value=[...new Set(g.results.flatMap(({fragments:p})=>p.filter(({hit:h})=>h).map(({text:h})=>h)))])},ls);return()=>{clearTimeout(u),m.abort()}},[n,t]),e}function us({result:n,isCurrent:t,onOpen:e,nameOf:s,me:i}){let{message:o,fragments:r}=n;return d`
    <li>
      <button type="button" class=${t?"find-result is-current":"find-result"} aria-current=${t?"true":null} onClick=${e}>
        <span class="find-result-head">
          <span class="find-result-name" dir="auto">${o.sender_id===i?a("message.you"):s(o.sender_id)||o.sender?.name}</span>
          <time dateTime=${o.created_at}>${St(o.created_at)}</time>
        </span>
        <span class="find-result-text" dir="auto">${r.map(({text:l,hit:m})=>m?d`<mark class="found">${l}</mark>`:l)}</span>
      </button>
    </li>`}function _e({conversation:n}){let[t,e]=v(""),[s,i]=v(-1),o=x(null),r=ds(n,t),l=r?.results??[];k(()=>(o.current?.focus(),()=>{n.terms.value=[]}),[n]),k(()=>i(-1),[r]);function m(p){let h=l[p];h&&(i(p),n.jump(h.message.id))}function u(p){p.key!=="Enter"||p.isComposing||(p.preventDefault(),m(p.shiftKey?Math.max(0,s-1):Math.min(l.length-1,s+1)))}let g=r&&(l.length?a(r.hasMore?"conversation.found_more":"conversation.found",{count:l.length,place:Math.max(s+1,0)}):a("conversation.found_none",{query:r.query}));return d`
    <search class="find-bar">
      <div class="find-row">
        <span class="find-field">
          ${c(w,{name:"search",size:18})}
          <input type="search" class="find-input" ref=${o} value=${t} placeholder=${a("conversation.search")} aria-label=${a("conversation.search")}
            data-testid="conversation-search" onKeyDown=${u}
            onInput=${p=>e(p.currentTarget.value)} />
        </span>
        <span class="find-count" role="status">${r&&l.length&&s>=0?`${s+1} / ${l.length}${r.hasMore?"+":""}`:""}</span>
        <button type="button" class="icon-button" disabled=${s>=l.length-1} aria-label=${a("conversation.found_older")} onClick=${()=>m(s+1)}>${c(w,{name:"up",size:18})}</button>
        <button type="button" class="icon-button" disabled=${s<=0} aria-label=${a("conversation.found_newer")} onClick=${()=>m(s-1)}>${c(w,{name:"down",size:18})}</button>
        <button type="button" class="icon-button" aria-label=${a("conversation.end_search")} onClick=${()=>{n.isSearching.value=!1}}>${c(w,{name:"close",size:18})}</button>
      </div>
      ${r&&d`
        <div class="find-found">
          <p class="find-summary" role="status">${g}</p>
          <ul class="find-results">
            ${l.map((p,h)=>c(us,{key:p.message.id,result:p,isCurrent:h===s,me:n.store.me,nameOf:$=>n.nameOf($),onOpen:()=>m(h)}))}
          </ul>
        </div>`}
    </search>`}function ms({conversation:n,actions:t}){let{phase:e,client:s,chatId:i,store:o}=n;return o.revision(i,"messages").value,o.revision(i,"pending").value,e.value==="failed"?d`
      <div class="conversation-state" role="alert">
        <p>${a("conversation.cannot_read")}</p>
        <button type="button" class="button" onClick=${()=>{n.open(null)}}>${a("conversation.try_again")}</button>
      </div>`:e.value==="loading"||!o.chat(i).value?d`<div class="conversation-state is-loading" aria-busy="true">${[0,1,2,3].map(r=>d`<i key=${r} class="skeleton-bubble"></i>`)}</div>`:!n.window.messages.length&&!s.state.pending(i).length?d`
      <div class="conversation-state is-empty" data-testid="conversation-empty">
        <svg class="empty-drawing" viewBox="0 0 120 80" aria-hidden="true" focusable="false">
          <path d="M14 10h58a8 8 0 0 1 8 8v20a8 8 0 0 1-8 8H34L20 58V46h-6a8 8 0 0 1-8-8V18a8 8 0 0 1 8-8z" />
          <path d="M90 30h14a8 8 0 0 1 8 8v18a8 8 0 0 1-8 8h-4v10L86 64H62a8 8 0 0 1-8-8" />
        </svg>
        <p>${a("conversation.empty")}</p>
      </div>`:c(ve,{conversation:n,actions:t})}function ko({chatId:n,anchor:t}){let e=X(),s=D(()=>new nt(e,n),[e,n]),i=D(()=>new it(s),[s]),o=e.chat(n).value,{isOver:r,handlers:l}=ne(u=>{s.dropped.value=u});k(()=>(s.open(t),()=>s[Symbol.dispose]()),[s]),k(()=>{t&&s.phase.peek()==="open"&&s.jump(t)},[t]);function m(u){if(!(u.key!=="Escape"||u.defaultPrevented)){if(s.isSearching.peek())s.isSearching.value=!1;else return;u.preventDefault()}}return d`
    <div class="conversation" data-testid="conversation" onKeyDown=${m} ...${l}>
      ${o&&c(Ot,{chat:o,conversation:s})}
      ${o?.item&&c(Dt,{item:o.item,kind:o.kind})}
      ${s.isSearching.value&&c(_e,{conversation:s})}
      ${c(ke,{conversation:s,canPin:i.canPin})}
      ${c(ms,{key:n,conversation:s,actions:i})}
      ${c(ee,{key:n,conversation:s})}
      ${c(me,{actions:i})}
      ${c(se,{conversation:s})}
      ${r&&d`<div class="drop-zone" aria-hidden="true"><span>${a("conversation.drop_files")}</span></div>`}
    </div>`}export{ko as ConversationPane};
