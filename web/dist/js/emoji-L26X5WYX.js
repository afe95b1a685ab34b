import"./chunk-27RTQAVN.js";import{A as x,B as y,L as f,N as D,o as R,q as u,r as $,w as p,y as S}from"./chunk-MDBE6VA6.js";var v="chatapp.emoji.recent",M="chatapp.emoji.tone";var k=["","\u{1F3FB}","\u{1F3FC}","\u{1F3FD}","\u{1F3FE}","\u{1F3FF}"],E=new Map;function T(e){let t=E.get(e);return t||(t=H(e),E.set(e,t),t.catch(()=>E.delete(e))),t}async function H(e){let t=await fetch(new URL(`../../emoji/${e}.json`,new URL("../client/lazy/emoji-data.js",import.meta.url).href));if(!t.ok)throw new Error(`emoji in ${e}: ${t.status}`);let{groups:o}=await t.json();return o.map(n=>n.map(Q))}function Q(e){let[t="",o="",n="",i]=e.split("	");return{text:t,name:o,haystack:` ${O(`${o} ${n}`)}`,hasTones:i==="1"}}function O(e){return e.toLowerCase().replaceAll("\u0111","dj").normalize("NFD").replace(/(\p{Script=Latin})\p{M}+/gu,"$1").normalize("NFC")}function K(e,t){let o=O(t).split(/\s+/).filter(Boolean),n=o[0];if(n===void 0)return[];let i=a=>o.every(l=>a.haystack.includes(` ${l}`)||/\p{Script=Thai}/u.test(l)&&a.haystack.includes(l)),c=e.flat().filter(i),r=a=>a.haystack.startsWith(` ${n}`)?0:1;return c.sort((a,l)=>r(a)-r(l)).slice(0,90)}function g({text:e,hasTones:t},o){if(!t||!o)return e;let[n="",...i]=[...e];return n+o+(i[0]==="\uFE0F"?i.slice(1):i).join("")}function _(e){try{return localStorage.getItem(e)??""}catch{return""}}function F(e,t){try{localStorage.setItem(e,t)}catch{}}function w(){return _(v).split(" ").filter(Boolean).slice(0,36)}function L(e){F(v,[e,...w().filter(t=>t!==e)].slice(0,36).join(" "))}function P(){let e=_(M);return k.includes(e)?e:""}function U(e){F(M,e)}var W=[["emoji.smileys","\u{1F600}"],["emoji.people","\u{1F44B}"],["emoji.animals","\u{1F43B}"],["emoji.food","\u{1F34E}"],["emoji.travel","\u{1F6B2}"],["emoji.activities","\u26BD"],["emoji.objects","\u{1F4A1}"],["emoji.symbols","\u{1F49F}"],["emoji.flags","\u{1F3C1}"]],j=-1;function ce({onChoose:e}){let[t,o]=p(null),[n,i]=p(0),[c,r]=p(""),a=y(w,[]),[l,h]=p(a.length?j:0),[d,X]=p(P),[q,z]=p(null),b=R.value;S(()=>{let s=!0;return T(b).then(m=>{s&&o(m)},()=>{D(),s&&i(m=>m+1)}),()=>{s=!1}},[b]);let A=y(()=>J(t??[],c,l,a),[t,c,l]),C=s=>{let m=g(s,d);L(m),e(m)},B=s=>{U(s),X(s)},Y=()=>{i(0),T(b).then(o,()=>i(1))};return f`
    <div class="emoji-picker" data-testid="emoji-picker">
      <input class="input emoji-search" type="search" value=${c} placeholder=${u("emoji.search")} aria-label=${u("emoji.search")}
        autocomplete="off" spellcheck=${!1} data-testid="emoji-search"
        onInput=${s=>r(s.currentTarget.value)}
        onKeyDown=${s=>Z(s,A,C)} />
      <div class="emoji-tabs" role="tablist" aria-label=${u("emoji.groups")} onKeyDown=${I}>
        ${a.length>0&&$(G,{label:u("emoji.recent"),symbol:"\u{1F558}",isChosen:!c&&l===j,onChoose:()=>{r(""),h(j)}})}
        ${W.map(([s,m],N)=>$(G,{key:s,label:u(s),symbol:m,isChosen:!c&&l===N,onChoose:()=>{r(""),h(N)}}))}
      </div>
      ${n>0&&!t?f`<p class="emoji-note" role="alert">${u("emoji.failed")} <button type="button" class="link-button" onClick=${Y}>${u("emoji.retry")}</button></p>`:$(V,{key:`${l} ${c}`,entries:A,tone:d,isLoading:!t,onPick:C,onShow:z})}
      <div class="emoji-foot">
        <span class="emoji-name">${q?.name}</span>
        <div class="emoji-tones" role="radiogroup" aria-label=${u("emoji.tone")} onKeyDown=${I}>
          ${k.map((s,m)=>f`
            <button key=${s} type="button" role="radio" class="emoji-tone" aria-checked=${s===d} tabindex=${s===d?0:-1}
              aria-label=${u("emoji.tone_number",{number:m+1})} onClick=${()=>B(s)}>${`\u270B${s}`}</button>`)}
        </div>
      </div>
    </div>`}function J(e,t,o,n){if(t.trim())return K(e,t);if(o!==j)return e[o]??[];let i=new Map(e.flat().map(r=>[r.text,r.name])),c=r=>r.replace(/[\u{1f3fb}-\u{1f3ff}]/u,"");return n.map(r=>({text:r,name:i.get(r)??i.get(c(r))??r,haystack:"",hasTones:!1}))}function G({label:e,symbol:t,isChosen:o,onChoose:n}){return f`
    <button type="button" role="tab" class="emoji-tab" aria-selected=${o} aria-label=${e} title=${e}
      tabindex=${o?0:-1} onClick=${n}>${t}</button>`}function V({entries:e,tone:t,isLoading:o,onPick:n,onShow:i}){let c=x(null);return!o&&!e.length?f`<p class="emoji-note" role="status">${u("emoji.none")}</p>`:f`
    <div ref=${c} class="emoji-all" role="group" aria-label=${u("emoji.list")} aria-busy=${o} onKeyDown=${ee}>
      ${e.map((r,a)=>f`
        <button key=${r.text} type="button" class="emoji-choice" tabindex=${a?-1:0} aria-label=${r.name}
          data-emoji=${r.text} onClick=${()=>n(r)} onFocus=${()=>i(r)}
          onPointerEnter=${()=>i(r)}>${g(r,t)}</button>`)}
    </div>`}function Z(e,t,o){if(e.isComposing)return;let n=t[0];if(e.key==="Enter"&&n)o(n);else if(e.key==="ArrowDown")e.currentTarget.closest(".emoji-picker")?.querySelector(".emoji-choice")?.focus();else return;e.preventDefault()}function I(e){let t={ArrowRight:1,ArrowLeft:-1}[e.key];if(!t)return;let o=[...e.currentTarget.querySelectorAll("button")],n=o[(o.indexOf(e.target)+t+o.length)%o.length];e.preventDefault(),n?.focus(),n?.click()}function ee(e){let t=e.currentTarget,o=[...t.children],n=o.indexOf(e.target),i=o[0]?.offsetTop,c=o.filter(h=>h.offsetTop===i).length,a={ArrowRight:1,ArrowLeft:-1,ArrowDown:c,ArrowUp:-c,Home:-n,End:o.length-1-n}[e.key];if(a===void 0)return;e.preventDefault();let l=n+a;l<0?t.closest(".emoji-picker")?.querySelector(".emoji-search")?.focus():o[Math.min(l,o.length-1)]?.focus()}export{ce as EmojiPicker};
