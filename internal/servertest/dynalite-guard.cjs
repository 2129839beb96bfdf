// Loaded into dynalite before it starts. dynalite 4.0.0 ends when a client hangs up in the middle of a request (its issue 183);
// DynamoDB does not mind, and cancelled calls are among what the tests are for.
process.on('uncaughtException', (err) => {
  if (err.code === 'ECONNRESET') return
  console.error(err)
  process.exit(1)
})
