{# What a row of `grouping sets` over carrier and ticket_type is about. #}
{% macro value_segment_type() -%}
case
    when grouping(carrier) = 0 and grouping(ticket_type) = 0 then 'carrier_and_type'
    when grouping(carrier) = 0 then 'carrier'
    when grouping(ticket_type) = 0 then 'ticket_type'
    else 'all'
end
{%- endmacro %}

{% macro value_segment() -%}
case
    when grouping(carrier) = 0 and grouping(ticket_type) = 0 then carrier || ' / ' || ticket_type
    when grouping(carrier) = 0 then carrier
    when grouping(ticket_type) = 0 then ticket_type
    else 'all'
end
{%- endmacro %}

{# The same where months of creation are told, too. #}
{% macro summary_segment_type() -%}
case
    when grouping(created_month) = 0 then 'created_month'
    when grouping(carrier) = 0 and grouping(ticket_type) = 0 then 'carrier_and_type'
    when grouping(carrier) = 0 then 'carrier'
    when grouping(ticket_type) = 0 then 'ticket_type'
    else 'all'
end
{%- endmacro %}

{% macro summary_segment() -%}
case
    when grouping(created_month) = 0 then substring(cast(created_month as text), 1, 7)
    when grouping(carrier) = 0 and grouping(ticket_type) = 0 then carrier || ' / ' || ticket_type
    when grouping(carrier) = 0 then carrier
    when grouping(ticket_type) = 0 then ticket_type
    else 'all'
end
{%- endmacro %}
