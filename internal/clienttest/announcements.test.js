import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ApolloClient, InMemoryCache, gql } from '@apollo/client/core/index.js'
import subscriptionLink from 'aws-appsync-subscription-link'
import { url } from './client.js'

// AWS's own link: what Amplify's front ends subscribe with.
const { createSubscriptionHandshakeLink, CONTROL_EVENTS_KEY } = subscriptionLink
const newClient = () => new ApolloClient({
  link: createSubscriptionHandshakeLink({ url, region: 'eu-west-1', auth: { type: 'API_KEY', apiKey: 'da2-local' } }),
  cache: new InMemoryCache(),
})

const news = { catalog: 'catalog', version: 'abc', sequence: 1795255356365, entities: 7469, chunks: 91, chunksChanged: 1, types: ['Episode'], moreTypes: 0 }
const publish = `mutation ($catalog: String!, $version: String!, $sequence: Float!, $entities: Int!, $chunks: Int!, $chunksChanged: Int!, $types: [String!]!, $moreTypes: Int!) {
  publishCatalog(catalog: $catalog, version: $version, sequence: $sequence, entities: $entities, chunks: $chunks, chunksChanged: $chunksChanged, types: $types, moreTypes: $moreTypes) {
    catalog version sequence entities chunks chunksChanged types moreTypes
  }
}`

async function announce(variables) {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ query: publish, variables }) })
  assert.deepEqual(await response.json(), { data: { publishCatalog: variables } })
}

// subscribe is what a subscription brings, one after the other, once it is there: the link says so by a message of its own, which is nothing for a cache.
async function subscribe(client, query, variables) {
  const waiting = []
  const came = []
  const take = (message) => (waiting.length > 0 ? waiting.shift()(message) : came.push(message))
  await new Promise((resolve, reject) => {
    client.subscribe({ query, variables, fetchPolicy: 'no-cache', context: { controlMessages: { [CONTROL_EVENTS_KEY]: true } } }).subscribe({
      next: (message) => (message.extensions?.controlMsgType ? resolve() : take(message.data)),
      error: reject,
    })
  })
  return { next: () => (came.length > 0 ? came.shift() : new Promise((resolve) => waiting.push(resolve))) }
}

// The link has timers that would keep the process for a quarter of a minute.
after(() => setImmediate(() => process.exit()))

test('a front end hears of a new version', async () => {
  const all = await subscribe(newClient(), gql`subscription { onCatalogPublished { version sequence types chunksChanged } }`)
  await announce(news)
  const { version, sequence, types, chunksChanged } = news
  assert.deepEqual((await all.next()).onCatalogPublished, { __typename: 'CatalogPublished', version, sequence, types, chunksChanged })
})

test('it hears of the catalog that it names', async () => {
  const client = newClient()
  const query = gql`subscription ($catalog: String) { onCatalogPublished(catalog: $catalog) { catalog } }`
  const films = await subscribe(client, query, { catalog: 'films' })
  const all = await subscribe(client, query, {})
  await announce(news)
  await announce({ ...news, catalog: 'films' })
  assert.equal((await films.next()).onCatalogPublished.catalog, 'films')
  assert.deepEqual([(await all.next()).onCatalogPublished.catalog, (await all.next()).onCatalogPublished.catalog], ['catalog', 'films'])
})

test('a wrong subscription is an error', async () => {
  await assert.rejects(subscribe(newClient(), gql`subscription { onCatalogPublished { data } }`), (error) => JSON.stringify(error).includes('FieldUndefined'))
})
