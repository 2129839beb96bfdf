// What the tests share: clients as a front end has them, and the plain answers to hold theirs against.
//
// The client is Apollo Client 3 with its InMemoryCache. urql with Graphcache would do as well but for the pages: its helpers count offsets, or want Relay's edges. Apollo's fetchMore and field
// policies read any list, with nextToken as AppSync's front ends write it.

import assert from 'node:assert/strict'
import { afterEach } from 'node:test'
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client/core/index.js'
import { loadDevMessages, loadErrorMessages } from '@apollo/client/dev/index.js'

loadDevMessages()
loadErrorMessages()

// The client only complains of an answer that lacks a field, or of one that overwrites another in its cache. Here that is a failure.
const complaints = []
console.warn = console.error = (...words) => complaints.push(words.join(' '))
afterEach(() => assert.deepEqual(complaints.splice(0), []))

export const url = (process.env.CHUNKASIDE_URL ?? 'http://127.0.0.1:8080') + '/graphql'

// pages joins the pages of a list: a page with a token comes behind those before it, one without begins anew. The page's size and place do not make another list; these arguments do.
const pages = (...keyArgs) => ({
  keyArgs: [...keyArgs, 'filter', 'sortDirection'],
  merge: (before, page, { args }) => (args?.nextToken ? { ...page, items: [...before.items, ...page.items] } : page),
})

// known finds an entity that is in the cache already, whichever query brought it.
const known = (__typename) => (_, { args, toReference }) => toReference({ __typename, id: args.id })

const typePolicies = {
  Query: {
    fields: {
      getEpisode: known('Episode'),
      listPrograms: pages(),
      listEpisodes: pages(),
      listEpisodeGroups: pages(),
      episodesByProgram: pages('programId', 'airedOn'),
    },
  },
  Program: { fields: { groups: pages('startsOn') } },
}

// newClient is a client with an empty cache. requests are the bodies of those that it has sent.
export function newClient() {
  const requests = []
  const counting = (address, options) => {
    requests.push(JSON.parse(options.body))
    return fetch(address, options)
  }
  const client = new ApolloClient({ link: new HttpLink({ uri: url, fetch: counting }), cache: new InMemoryCache({ typePolicies }) })
  return { client, requests }
}

// plain is the data of a query that no client has touched.
export async function plain(query) {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ query }) })
  const { data, errors } = await response.json()
  assert.equal(errors, undefined)
  return data
}

// ids are those of a page's items.
export const ids = (page) => page.items.map((item) => item.id)

// show watches a query as a page does, and returns it once its first answer is there.
export async function show(client, options) {
  const shown = client.watchQuery(options)
  await new Promise((resolve, reject) => shown.subscribe(resolve, reject))
  return shown
}
