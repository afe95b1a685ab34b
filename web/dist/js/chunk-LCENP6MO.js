import{g as h}from"./chunk-27RTQAVN.js";import{A as x,L as i,P as k,q as u,r as y,w as $,y as b}from"./chunk-MDBE6VA6.js";var T=36,P=8,v=[1,1.5,2],c=null;function L(n,t){return n.length?Array.from({length:t},(a,s)=>{let r=Math.floor(s*n.length/t),f=Math.max(r+1,Math.floor((s+1)*n.length/t));return Math.max(P,...n.slice(r,f))}):Array.from({length:t},()=>P)}function M({levels:n,fraction:t}){return i`
    <svg class="waveform" viewBox=${`0 0 ${n.length*5} 32`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
      ${n.map((a,s)=>i`
        <rect key=${s} class=${s<t*n.length?"bar is-played":"bar"}
          x=${s*5+1} width="3" rx="1.5" y=${16-a*.16} height=${a*.32} />`)}
    </svg>`}function U(n,t){let a=["play","pause","ended","timeupdate","loadedmetadata","ratechange"];for(let s of a)n.addEventListener(s,t);return()=>{for(let s of a)n.removeEventListener(s,t)}}function I({client:n,attachment:t}){let a=x(null),[s,r]=$({seconds:0,isPlaying:!1}),[f,m]=$(!1),d=t.metadata.duration||0;b(()=>()=>{a.current?.pause(),a.current?.removeAttribute("src"),c===a.current&&(c=null)},[]);function g(){if(a.current)return a.current;let e=new Audio;return e.preload="none",e.src=t.public_url||n.downloadUrl(t.id),e.addEventListener("error",()=>{let o=new URL(n.downloadUrl(t.id),location.href).href;e.src===o?m(!0):(e.src=o,e.play().catch(()=>m(!0)))}),U(e,()=>r({seconds:e.currentTime,isPlaying:!e.paused&&!e.ended})),a.current=e,e}function A(){let e=g();if(!e.paused)return e.pause();c&&c!==e&&c.pause(),c=e,m(!1),e.play().catch(()=>r({seconds:e.currentTime,isPlaying:!1}))}function E(e){let o=g();o.currentTime=Number(e.currentTarget.value),r({seconds:o.currentTime,isPlaying:!o.paused})}function R(){let e=g();e.playbackRate=v[(v.indexOf(e.playbackRate)+1)%v.length]??1}let{seconds:l,isPlaying:p}=s,w=a.current?.playbackRate??1,S=d?l/d:0;return i`
    <div class="voice" data-testid="voice-player">
      <button type="button" class="voice-play" aria-label=${u(p?"message.pause":"message.play")} onClick=${A}>
        ${y(k,{name:p?"pause":"play",size:18})}
      </button>
      <div class="voice-track">
        ${y(M,{levels:L(t.metadata.waveform??[],T),fraction:S})}
        <input type="range" class="voice-seek" min="0" max=${Math.max(d,.1)} step="0.1" value=${l}
          aria-label=${u("message.seek")} aria-valuetext=${h(l)} onInput=${E} />
      </div>
      <span class="voice-time">${h(p||l?l:d)}</span>
      ${p&&i`<button type="button" class="voice-speed" aria-label=${u("message.speed")} onClick=${R}>${w}×</button>`}
      ${f&&i`<span class="voice-error" role="alert">${u("message.cannot_play")}</span>`}
    </div>`}export{M as a,I as b};
