<?cs include:"part/head.cs" ?><body>
<div class="solo"><div class="brand"><?cs call:logo() ?>Vedette</div>
<?cs call:content() ?></div>
</body>
</html>
