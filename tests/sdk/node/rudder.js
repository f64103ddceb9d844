// Sends one message of each type through @rudderstack/rudder-sdk-node, gzipped: node rudder.js MODULES HOST [KEY USER ANONYMOUS JOB]
const { createRequire } = require('node:module')
const [modules, host, key = 'pk_demo', user = 'u1', anonymous = 'a1', job = 'j1'] = process.argv.slice(2)
const imported = createRequire(modules + '/')('@rudderstack/rudder-sdk-node')
const Analytics = imported.default || imported

const analytics = new Analytics(key, { dataPlaneUrl: host, flushInterval: 50, flushAt: 20 })
const at = new Date(Date.now() - 60_000)
analytics.identify({ userId: user, anonymousId: anonymous, traits: { city: 'Bonn', gender: 'f' }, timestamp: at })
analytics.track({ anonymousId: anonymous, event: 'Job Viewed', properties: { job_id: job }, timestamp: at })
analytics.page({ anonymousId: anonymous, category: 'jobs', name: 'List', properties: { path: '/jobs' } })
analytics.screen({ anonymousId: anonymous, name: 'Jobs' })
analytics.group({ userId: user, groupId: 'g1', traits: { plan: 'b' } })
analytics.alias({ userId: user, previousId: anonymous })
analytics.flush().then(() => setTimeout(() => process.exit(0), 500), (error) => { console.error(error); process.exit(1) })
