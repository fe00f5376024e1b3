-- A manifest's schemas keep the order of their properties, which is that of a form.
alter table plugins alter column manifest type json using manifest::json;
