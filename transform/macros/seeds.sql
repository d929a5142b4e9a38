{# dbt-duckdb's own way, for a project in a folder of any name: it leaves quotes as they are, and DuckDB
   takes some characters for a pattern. #}
{% macro duckdb__load_csv_rows(model, agate_table) %}
{% set path = adapter.get_seed_file_path(model) | replace("'", "''")
    | replace("[", "[[]") | replace("*", "[*]") | replace("?", "[?]") %}
{% set sql %}copy {{ this.render() }} from '{{ path }}' (format csv, header true, delimiter ','){% endset %}
{% do adapter.add_query(sql, abridge_sql_log=True) %}
{{ return(sql) }}
{% endmacro %}
