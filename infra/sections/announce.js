// Hands the announcement on to those who subscribed: there is no data source behind it.
export function request(ctx) {
  return { payload: ctx.args };
}

export function response(ctx) {
  return ctx.result;
}
