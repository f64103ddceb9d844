// Sends one message of each type through @segment/analytics-node: node segment.js MODULES HOST [KEY USER ANONYMOUS JOB]
const { createRequire } = require('node:module')
const [modules, host, key = 'pk_demo', user = 'u1', anonymous = 'a1', job = 'j1'] = process.argv.slice(2)
const { Analytics } = createRequire(modules + '/')('@segment/analytics-node')

const analytics = new Analytics({ writeKey: key, host, path: '/v1/batch', flushInterval: 50 })
const at = new Date(Date.now() - 60_000)
analytics.identify({ userId: user, anonymousId: anonymous, traits: { city: 'Bonn', gender: 'f' }, timestamp: at })
analytics.track({ anonymousId: anonymous, event: 'Job Viewed', properties: { job_id: job }, timestamp: at })
analytics.page({ anonymousId: anonymous, category: 'jobs', name: 'List', properties: { path: '/jobs' } })
analytics.screen({ anonymousId: anonymous, name: 'Jobs' })
analytics.group({ userId: user, groupId: 'g1', traits: { plan: 'b' } })
analytics.alias({ userId: user, previousId: anonymous })
analytics.closeAndFlush().catch((error) => { console.error(error); process.exit(1) })
