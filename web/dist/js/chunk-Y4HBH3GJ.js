import{b as y}from"./chunk-LCENP6MO.js";import{f as _}from"./chunk-27RTQAVN.js";import{L as l,P as c,q as p,r as o,w as g}from"./chunk-MDBE6VA6.js";var m=4,$={widest:2.2,tallest:.75,unknown:4/3};function k(i,s,a){let[r,t]=g("");return{src:r===a||!a?i.downloadUrl(s.id):a,onError:()=>t(a)}}function v({metadata:{width:i,height:s}}){return!i||!s?$.unknown:Math.min($.widest,Math.max($.tallest,i/s))}function z({client:i,attachment:s,isLone:a,more:r,onOpen:t}){let n=s.file_type==="video",u=a&&!n?s.public_url:s.thumbnail_url||(n?"":s.public_url),{src:d,onError:e}=k(i,s,u),f=p(n?"message.open_video":"message.open_photo",{name:s.file_name}),b={backgroundColor:s.metadata.dominant_color??"",aspectRatio:a?String(v(s)):"1"},w=!n||s.thumbnail_url;return l`
    <button type="button" class="picture" style=${b} aria-label=${f} onClick=${t}
      data-testid=${n?"attachment-video":"attachment-image"}>
      ${w&&l`<img src=${d} onError=${e} alt="" loading="lazy" decoding="async" draggable=${!1} />`}
      ${n&&l`<span class="picture-play">${o(c,{name:"play",size:22})}</span>`}
      ${r>0&&l`<span class="picture-more">+${r}</span>`}
    </button>`}function S({client:i,attachment:s}){return s.state==="quarantined"?l`
      <div class="file-card is-waiting">
        <span class="file-icon">${o(c,{name:"clock",size:22})}</span>
        <span class="file-texts"><span class="file-name" dir="auto">${s.file_name}</span><span class="file-size">${p("message.scanning")}</span></span>
      </div>`:l`
    <a class="file-card" href=${i.downloadUrl(s.id)} download=${s.file_name} data-testid="attachment-file"
      aria-label=${p("message.download",{name:s.file_name})}>
      <span class="file-icon">${o(c,{name:"file",size:22})}</span>
      <span class="file-texts">
        <span class="file-name" dir="auto">${s.file_name}</span>
        <span class="file-size">${_(s.file_size)}</span>
      </span>
      <span class="file-download">${o(c,{name:"download",size:18})}</span>
    </a>`}function M({client:i,attachments:s,onOpen:a}){let r=s.filter(e=>e.state!=="quarantined"),t=r.filter(({file_type:e})=>e==="image"||e==="video"),n=r.filter(({file_type:e})=>e==="audio"),u=s.filter(e=>!t.includes(e)&&!n.includes(e)),d=t.slice(0,m);return l`
    ${d.length>0&&l`
      <div class=${`pictures pictures-${d.length}`}>
        ${d.map((e,f)=>o(z,{key:e.id,client:i,attachment:e,isLone:d.length===1,more:f===m-1?t.length-m:0,onOpen:()=>a(e)}))}
      </div>`}
    ${n.map(e=>o(y,{key:e.id,client:i,attachment:e}))}
    ${u.map(e=>o(S,{key:e.id,client:i,attachment:e}))}`}export{k as a,M as b};
