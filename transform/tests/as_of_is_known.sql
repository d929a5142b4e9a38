-- The account's tickets, where there are some and nothing says as of when: everything told would be empty.

with

tickets as (

    select count(*) as tickets from {{ source('sendcloud', 'tickets') }}

),

as_of as (

    select max(as_of) as as_of from {{ ref('stg_as_of') }}

)

select tickets.tickets
from tickets
cross join as_of
where tickets.tickets > 0 and as_of.as_of is null
