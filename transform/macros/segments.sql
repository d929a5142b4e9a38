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
