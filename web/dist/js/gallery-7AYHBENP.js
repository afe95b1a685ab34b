import{a as k}from"./chunk-Y4HBH3GJ.js";import"./chunk-LCENP6MO.js";import{i as w}from"./chunk-27RTQAVN.js";import{A as h,L as u,P as g,q as i,r as c,w as y,y as _}from"./chunk-MDBE6VA6.js";var M=48;function x({client:t,attachment:e}){let{src:r,onError:s}=k(t,e,e.public_url),[o,n]=y(!1);if(e.file_type==="video")return u`<video class="gallery-medium" src=${r} onError=${s} poster=${e.thumbnail_url||null} controls autoplay playsinline></video>`;let{width:a,height:f}=e.metadata;return u`
    <img class=${o?"gallery-medium is-zoomed":"gallery-medium"} src=${r} onError=${s} alt=${e.file_name}
      width=${a??null} height=${f??null} draggable=${!1} data-testid="gallery-image" onClick=${()=>n(!o)} />`}function C({store:t,media:e,first:r,sender:s,at:o,onClose:n}){let[a,f]=y(r),$=h(null),p=h(0),d=e[a];_(()=>($.current?.showModal(),()=>$.current?.close()),[]);let m=l=>f(Math.min(e.length-1,Math.max(0,a+l)));function v(l){if(l.key==="ArrowRight")m(1);else if(l.key==="ArrowLeft")m(-1);else return;l.preventDefault()}function E(l){let b=(l.changedTouches[0]?.clientX??0)-p.current;Math.abs(b)>M&&m(b<0?1:-1)}return u`
    <dialog ref=${$} class="gallery" aria-label=${i("message.gallery")} data-testid="gallery" onKeyDown=${v}
      onCancel=${l=>{l.preventDefault(),n()}}
      onClick=${l=>l.target instanceof Element&&l.target.matches(".gallery, .gallery-stage")&&n()}>
      <header class="gallery-head">
        <span class="gallery-texts"><span class="gallery-name" dir="auto">${s}</span><time dateTime=${o}>${w(o)}</time></span>
        ${e.length>1&&u`<span class="gallery-count">${i("message.gallery_place",{place:a+1,count:e.length})}</span>`}
        <a class="icon-button" href=${t.client.downloadUrl(d.id)} download=${d.file_name} aria-label=${i("message.download",{name:d.file_name})}>${c(g,{name:"download"})}</a>
        <button type="button" class="icon-button" aria-label=${i("ui.close")} onClick=${n}>${c(g,{name:"close"})}</button>
      </header>
      <div class="gallery-stage" onTouchStart=${l=>{p.current=l.touches[0]?.clientX??0}} onTouchEnd=${E}>
        ${c(x,{key:d.id,client:t.client,attachment:d})}
      </div>
      ${a>0&&u`<button type="button" class="gallery-move is-before" aria-label=${i("message.gallery_before")} onClick=${()=>m(-1)}>${c(g,{name:"back",size:24})}</button>`}
      ${a<e.length-1&&u`<button type="button" class="gallery-move is-after" aria-label=${i("message.gallery_after")} onClick=${()=>m(1)}>${c(g,{name:"chevron-right",size:24})}</button>`}
    </dialog>`}function T(t,e,r,{sender:s,at:o}){let n=Math.max(0,e.findIndex(({id:a})=>a===r.id));t.screen.openDialog(a=>c(C,{store:t,media:e,first:n,sender:s,at:o,onClose:a}))}function K(t,e,r){let s=e.attachments.filter(({file_type:n})=>n==="image"||n==="video"),o=e.sender_id===t.me?i("message.you"):e.sender.name;T(t,s,r,{sender:o,at:e.created_at})}export{K as openGallery,T as openMedia};
