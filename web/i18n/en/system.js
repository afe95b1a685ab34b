/** What happened to a group, as sentences. */
export const texts = {
  "system.created": "{name} created the group “{title}”",
  "system.left": "{name} left the group",
  "system.member_added": "{name} added {users}",
  "system.member_removed": "{name} removed {users}",
  "system.others": { one: "{count} other", other: "{count} others" },
  "system.picture_changed": "{name} changed the picture",
  "system.role_changed": "{name} changed the role of {users}: {role}",
  "system.title_changed": "{name} changed the title to “{title}”",
  "system.unknown": "{name} changed the group",
};
